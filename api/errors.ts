import type { Middleware, ParameterizedContext } from 'koa'
import type { Logger } from 'pino'
import { IdempotencyConflictError, JobNotAcceptedError } from '../activities/email/job-desk.js'
import { isDatabaseUnavailable } from '../db/unavailable.js'
import { readerLanguage } from './reader-language.js'
import { type ErrorCode, errorSentences } from './sentences.js'

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
  const sentence = errorSentences[error.code][readerLanguage(ctx.get('Accept-Language'))]
  const { problems, retryAfterSeconds } = error.extra
  ctx.status = error.status
  if (error.status === 401) ctx.set('WWW-Authenticate', 'Bearer')
  if (retryAfterSeconds !== undefined) ctx.set('Retry-After', String(retryAfterSeconds))
  ctx.body = { detail: problems ?? sentence, message: sentence, error: sentence, code: error.code }
}

const retryAfterSeconds = 5

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof IdempotencyConflictError) return new ApiError(422, 'idempotency_conflict')
  if (error instanceof JobNotAcceptedError || isDatabaseUnavailable(error))
    return new ApiError(503, 'unavailable', { retryAfterSeconds })
  return new ApiError(500, 'internal')
}
