import type { RunRefusalCode } from '../../../services/runs/run-service.js'
import { declareErrors, type ErrorAnswer } from '../../http/common-errors.js'

/** What is refused of runs, whatever their kind. That nothing was accepted is a common error. */
export const runErrors = declareErrors({
  idempotency_conflict: {
    status: 422,
    pt: 'Esta Idempotency-Key já foi usada com outro conteúdo: use uma nova chave.',
    en: 'This Idempotency-Key was already used with other content: use a new key.',
  },
  run_not_found: {
    status: 404,
    pt: 'Trabalho não encontrado: confira o identificador; ele pode ter sido removido.',
    en: 'Run not found: check the id; it may have been removed.',
  },
  overloaded: {
    status: 503,
    retryAfterSeconds: 5,
    pt: 'Há trabalho demais em andamento; nada foi aceito. Tente de novo em instantes.',
    en: 'Too much work is under way; nothing was accepted. Try again shortly.',
  },
} satisfies Record<Exclude<RunRefusalCode, 'unavailable'> | 'run_not_found', ErrorAnswer>)

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
} as const
