import type { Middleware, ParameterizedContext } from 'koa'
import type { Logger } from 'pino'
import { isDatabaseUnavailable, isDiskFull } from '../../db/database.js'
import { UnknownKeyError } from '../../db/key-ring.js'
import type { FreeDisk } from '../../services/housekeeping/free-disk.js'
import { isRefusal } from '../../services/refusal.js'
import { commonErrors, type DeclaredError, type ErrorTable, mergeErrors } from './common-errors.js'
import { readerLanguage, type ReaderLanguage } from './reader-language.js'

/** What is wrong with one field of a body. */
export interface FieldProblem {
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly type: string
}

/** An answer that isn't a success: a declared error, and what goes with it this time. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    readonly declared: DeclaredError,
    readonly extra: {
      readonly problems?: readonly FieldProblem[]
      readonly retryAfterSeconds?: number | undefined
    } = {},
  ) {
    super(declared.code)
  }

  get status(): number {
    return this.declared.status
  }

  get code(): string {
    return this.declared.code
  }
}

/**
 * Turns whatever is thrown below it into the contract's error body; what nobody foresaw is a 500.
 *
 * @param subjectErrors of the subjects whose routes are below it
 * @throws Error where two of them declare the same code
 */
export function createErrorHandler(
  log: Logger,
  subjectErrors: readonly ErrorTable[] = [],
  disk: Pick<FreeDisk, 'noteFull'> = { noteFull: () => undefined },
): Middleware {
  const declared = mergeErrors([commonErrors, ...subjectErrors])
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body == null) throw new ApiError(commonErrors.not_found)
      if (ctx.status === 405 || ctx.status === 501)
        throw new ApiError(commonErrors.method_not_allowed)
    } catch (error) {
      if (isDiskFull(error)) disk.noteFull()
      const known = toApiError(error, declared)
      if (known.status >= 500 && !isForeseen(error, known))
        log.error({ err: error, requestId: ctx.state['requestId'] as unknown }, 'A request failed.')
      sendError(ctx, known)
    }
  }
}

/**
 * Whether it is answered on purpose, which may be thousands of times a minute: of a key that is missing the key ring
 * tells, of a full backlog its own line, of the disk `/health`.
 */
const isForeseen = (error: unknown, known: ApiError): boolean =>
  error === known ||
  error instanceof UnknownKeyError ||
  (isRefusal(error) && error.code === known.code && error.cause === undefined)

function toApiError(error: unknown, declared: ReadonlyMap<string, DeclaredError>): ApiError {
  if (error instanceof ApiError) return error
  if (isRefusal(error)) {
    const { code, retryAfterSeconds } = error
    const found = declared.get(code)
    if (found !== undefined) return new ApiError(found, { retryAfterSeconds })
  }
  if (isDiskFull(error)) return new ApiError(commonErrors.disk_low)
  if (error instanceof UnknownKeyError) return new ApiError(commonErrors.key_missing)
  return new ApiError(
    isDatabaseUnavailable(error) ? commonErrors.unavailable : commonErrors.internal,
  )
}

function sendError(ctx: ParameterizedContext, error: ApiError): void {
  const language = readerLanguage(ctx.get('Accept-Language'))
  const { declared, extra, status } = error
  const retryAfterSeconds = extra.retryAfterSeconds ?? declared.retryAfterSeconds
  ctx.status = status
  if (status === 401) ctx.set('WWW-Authenticate', 'Bearer')
  if (retryAfterSeconds !== undefined) ctx.set('Retry-After', String(retryAfterSeconds))
  ctx.body =
    ctx.state['problemsAs'] === 'sentence'
      ? inOneSentence(error, language)
      : inFields(error, language)
}

/** One sentence under the three names that clients read; `detail` lists the fields where there are some. */
const inFields = ({ declared, extra }: ApiError, language: ReaderLanguage) => ({
  ...say(declared[language], declared.code),
  detail: extra.problems ?? declared[language],
})

/** For pages that show `detail` to a person as it is: the sentence names the fields itself. */
function inOneSentence({ declared, extra }: ApiError, language: ReaderLanguage) {
  if (declared !== commonErrors.invalid_body) return say(declared[language], declared.code)
  const names = (extra.problems ?? []).map(({ loc }) => loc.slice(1).join('.'))
  const fields = [...new Set(names.filter((name) => name !== ''))].join(', ')
  const { code, [language]: sentence } = commonErrors.invalid_field
  return say(fields === '' ? `${sentence}.` : `${sentence}: ${fields}.`, code)
}

const say = (sentence: string, code: string) => ({
  detail: sentence,
  message: sentence,
  error: sentence,
  code,
})
