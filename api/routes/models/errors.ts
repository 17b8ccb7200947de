import type { ModelRefusalCode } from '../../../services/models/model-service.js'
import { declareErrors, type ErrorAnswer } from '../../http/common-errors.js'

/** What models refuse: 422 for what is no whole model, 409 for one that doesn't fit this server or moment. */
export const modelErrors = declareErrors({
  model_not_found: { status: 404, pt: 'Modelo não encontrado.', en: 'Model not found.' },
  model_unusable: {
    status: 409,
    pt: 'Este modelo não pode ser lido: veja o motivo em GET /models e treine de novo.',
    en: 'This model cannot be read: see why in GET /models and train again.',
  },
  model_not_a_model: {
    status: 422,
    pt: 'Este arquivo não é um modelo: envie o que GET /models/{id}/file deu.',
    en: 'This file is no model: send what GET /models/{id}/file gave.',
  },
  model_damaged: {
    status: 422,
    pt: 'Este modelo está danificado ou incompleto: envie-o de novo ou treine outro.',
    en: 'This model is damaged or incomplete: send it again or train another.',
  },
  model_other_version: {
    status: 409,
    pt: 'Este modelo foi feito por outra versão do Triagem: treine de novo com a deste servidor.',
    en: 'This model was made by another version of Triagem: train again with this server’s.',
  },
  model_other_embedding: {
    status: 409,
    pt: 'Este modelo foi feito com outro embedding: treine de novo com o deste servidor.',
    en: 'This model was made with another embedding: train again with this server’s.',
  },
  model_version_taken: {
    status: 409,
    pt: 'Já existe outro modelo desta versão, feito dos mesmos exemplos: use aquele.',
    en: 'There is another model of this version already, made of the same examples: use that one.',
  },
  model_not_current: {
    status: 409,
    pt: 'Este modelo não está em uso: só o que está em uso pode ser desfeito.',
    en: 'This model is not in use: only the one in use can be taken back.',
  },
  no_model_before: {
    status: 409,
    pt: 'Não houve modelo antes deste: promova outro em vez de desfazê-lo.',
    en: 'There was no model before this one: promote another instead of taking it back.',
  },
} satisfies Record<ModelRefusalCode, ErrorAnswer> & Record<string, ErrorAnswer>)
