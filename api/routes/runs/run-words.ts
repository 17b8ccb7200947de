import type { CommonRunError, CommonRunStep } from '../../../db/schema/runs.js'
import type { RunKind } from '../../../services/runs/run-kind.js'
import type { Sentence } from '../../http/reader-language.js'

const commonSteps: Readonly<Record<CommonRunStep, Sentence>> = {
  queued: { pt: 'Na fila', en: 'Queued' },
  starting: { pt: 'Iniciando', en: 'Starting' },
  done: { pt: 'Concluído', en: 'Done' },
  stopped: { pt: 'Encerrado', en: 'Stopped' },
}

/** Why any run may fail. `cancelled` is the contract's own wording. */
const commonErrors: Readonly<Record<CommonRunError, Sentence>> = {
  cancelled: { pt: 'Cancelado a pedido.', en: 'Cancelled on request.' },
  stopped_outside: {
    pt: 'O trabalho foi encerrado por um operador ou por falta de tempo: comece de novo.',
    en: 'The job was stopped by an operator or ran out of time: start it again.',
  },
  internal: {
    pt: 'Algo deu errado aqui e foi registrado: tente de novo; se persistir, avise o operador.',
    en: 'Something went wrong here and was logged: try again; if it persists, tell the operator.',
  },
}

const isKeyOf = <Keys extends object>(
  keys: Keys,
  key: string,
): key is Extract<keyof Keys, string> => Object.hasOwn(keys, key)

/** A word of another version, whose workers share the database with this one, is shown as working on. */
export function renderRunStep(kind: RunKind | undefined, step: string): Sentence {
  return kind?.steps[step] ?? commonSteps[isKeyOf(commonSteps, step) ? step : 'starting']
}

/** As renderRunStep(): an error that this version doesn't know is an internal one. */
export function renderRunError(kind: RunKind | undefined, error: string): Sentence {
  return kind?.errors[error] ?? commonErrors[isKeyOf(commonErrors, error) ? error : 'internal']
}
