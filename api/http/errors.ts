import type { Middleware, ParameterizedContext } from 'koa'
import type { Logger } from 'pino'
import { AccountError, type AccountErrorCode } from '../../services/accounts/account-error.js'
import { PasswordsBusyError } from '../../services/accounts/passwords.js'
import { ModelFileError, type ModelFlaw } from '../../engine/model/model-file.js'
import { IdempotencyConflictError, JobNotAcceptedError } from '../../services/runs/job-service.js'
import { ModelVersionTakenError } from '../../db/models.js'
import { isDatabaseUnavailable } from '../../db/unavailable.js'
import { readerLanguage } from './reader-language.js'
import { type ErrorCode, errorSentences, type ReaderLanguage } from './sentences.js'

/** What is wrong with one field of a body. */
export interface FieldProblem {
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly type: string
}

/** An answer that isn't a success: the status, the code that chooses the sentence, and what goes with it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    readonly extra: {
      readonly problems?: readonly FieldProblem[]
      readonly retryAfterSeconds?: number
    } = {},
  ) {
    super(code)
  }
}

/** Turns whatever is thrown below it into the contract's error body; what nobody foresaw is a 500. */
export function createErrorHandler(log: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body == null) throw new ApiError(404, 'not_found')
      if (ctx.status === 405 || ctx.status === 501) throw new ApiError(405, 'method_not_allowed')
    } catch (error) {
      const known = toApiError(error)
      if (known.status >= 500)
        log.error({ err: error, requestId: ctx.state['requestId'] as unknown }, 'A request failed.')
      sendError(ctx, known)
    }
  }
}

/** Writes an error as an answer: one sentence under the three names that clients read. */
export function sendError(ctx: ParameterizedContext, error: ApiError): void {
  const language = readerLanguage(ctx.get('Accept-Language'))
  const { retryAfterSeconds } = error.extra
  ctx.status = error.status
  if (error.status === 401) ctx.set('WWW-Authenticate', 'Bearer')
  if (retryAfterSeconds !== undefined) ctx.set('Retry-After', String(retryAfterSeconds))
  ctx.body =
    ctx.state['problemsAs'] === 'sentence'
      ? inOneSentence(error, language)
      : inFields(error, language)
}

const inFields = ({ code, extra }: ApiError, language: ReaderLanguage) => {
  const sentence = errorSentences[code][language]
  return { detail: extra.problems ?? sentence, message: sentence, error: sentence, code }
}

/** For pages that show `detail` to a person as it is: the sentence names the fields itself. */
function inOneSentence({ code, extra }: ApiError, language: ReaderLanguage) {
  const say = (sentence: string, said: ErrorCode) => ({
    detail: sentence,
    message: sentence,
    error: sentence,
    code: said,
  })
  if (code !== 'invalid_body') return say(errorSentences[code][language], code)
  const names = (extra.problems ?? []).map(({ loc }) => loc.slice(1).join('.'))
  const fields = [...new Set(names.filter((name) => name !== ''))].join(', ')
  const sentence = errorSentences.invalid_field[language]
  return say(fields === '' ? `${sentence}.` : `${sentence}: ${fields}.`, 'invalid_field')
}

const retryAfterSeconds = 5

const accountErrorStatuses: Readonly<Record<AccountErrorCode, number>> = {
  username_taken: 400,
  invalid_username: 422,
  invalid_password: 422,
  wrong_credentials: 401,
  too_many_sign_ins: 429,
  last_admin: 409,
}

/** 422 for what is no whole model, 409 for one that fits another server. */
const modelFlawStatuses: Readonly<Record<ModelFlaw, number>> = {
  not_a_model: 422,
  damaged: 422,
  other_version: 409,
  other_embedding: 409,
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof AccountError)
    return new ApiError(
      accountErrorStatuses[error.code],
      error.code,
      error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds },
    )
  if (error instanceof ModelFileError)
    return new ApiError(modelFlawStatuses[error.flaw], `model_${error.flaw}`)
  if (error instanceof ModelVersionTakenError) return new ApiError(409, 'model_version_taken')
  if (error instanceof PasswordsBusyError) return new ApiError(503, 'busy', { retryAfterSeconds })
  if (error instanceof IdempotencyConflictError) return new ApiError(422, 'idempotency_conflict')
  if (error instanceof JobNotAcceptedError || isDatabaseUnavailable(error))
    return new ApiError(503, 'unavailable', { retryAfterSeconds })
  return new ApiError(500, 'internal')
}
