import type { JobError, JobStatus, JobStep } from '../../../db/schema.js'
import { extractionSentences } from '../../../services/extraction/extraction-errors.js'
import type { Sentence } from '../../http/sentences.js'

/** What a job is doing, as a page shows it. */
export const stepSentences: Readonly<Record<JobStep, Sentence>> = {
  queued: { pt: 'Na fila', en: 'Queued' },
  starting: { pt: 'Iniciando', en: 'Starting' },
  extracting_text: { pt: 'Extraindo o texto', en: 'Extracting the text' },
  detecting_language: { pt: 'Identificando o idioma', en: 'Detecting the language' },
  classifying: { pt: 'Classificando', en: 'Classifying' },
  generating_response: { pt: 'Redigindo a resposta', en: 'Drafting the answer' },
  done: { pt: 'Concluído', en: 'Done' },
  stopped: { pt: 'Encerrado', en: 'Stopped' },
}

export const statusSentences: Readonly<Record<JobStatus, Sentence>> = {
  pending: { pt: 'O e-mail aguarda a vez.', en: 'The e-mail is waiting its turn.' },
  processing: { pt: 'O e-mail está sendo processado.', en: 'The e-mail is being processed.' },
  extracting_text: { pt: 'O texto está sendo lido.', en: 'The text is being read.' },
  classifying: { pt: 'O e-mail está sendo classificado.', en: 'The e-mail is being classified.' },
  generating_response: {
    pt: 'A resposta está sendo redigida.',
    en: 'The answer is being drafted.',
  },
  completed: { pt: 'Classificação concluída.', en: 'Classification completed.' },
  failed: { pt: 'A classificação não foi concluída.', en: 'The classification was not completed.' },
}

/** Why a job failed. `cancelled` is the contract's own wording. */
export const jobErrorSentences: Readonly<Record<JobError, Sentence>> = {
  cancelled: { pt: 'Cancelado a pedido.', en: 'Cancelled on request.' },
  stopped_outside: {
    pt: 'O trabalho foi encerrado por um operador ou por falta de tempo: envie o e-mail de novo.',
    en: 'The job was stopped by an operator or ran out of time: send the e-mail again.',
  },
  internal: {
    pt: 'Algo deu errado aqui e foi registrado: envie o e-mail de novo; se persistir, avise o operador.',
    en: 'Something went wrong here and was logged: send the e-mail again; if it persists, tell the operator.',
  },
  ...extractionSentences,
}

/** What a socket is told beside the state. */
export const noticeSentences = {
  not_understood: {
    pt: 'Mensagem não entendida: envie {"type":"cancel"} para cancelar.',
    en: 'Message not understood: send {"type":"cancel"} to cancel.',
  },
  not_cancelled: {
    pt: 'O cancelamento não pôde ser registrado: tente de novo.',
    en: 'The cancel could not be recorded: try again.',
  },
} as const satisfies Record<string, Sentence>
