import { destination, type Logger, pino, stdSerializers } from 'pino'
import type { Config } from '../../config/load-config.js'

/** Wherever these stand in a line, their value doesn't. */
const secretFields = [
  'authorization',
  'cookie',
  'token',
  'password',
  'secret',
  'text',
  'apiKey',
  'key',
]

/**
 * Logs to standard error as JSON lines; what people read goes to standard output. Texts, tokens and
 * addresses are never passed to it; the redaction is the second lock on that door.
 */
export function createLogger(config: Pick<Config, 'logLevel'>, part: string): Logger {
  return pino(
    {
      level: config.logLevel,
      base: { part },
      redact: {
        paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
      serializers: { err: serializeError },
    },
    destination({ dest: 2, sync: false }),
  )
}

/**
 * Tells of an error and its causes: of one from another realm, such as a workflow's, too, and of one in words.
 * A database error's `detail` and `where` quote values: they stay out.
 */
export function serializeError(error: unknown): object {
  if (typeof error === 'string') return { message: error }
  if (!isErrorLike(error)) return { message: 'not an error' }
  const { type, message, stack } = stdSerializers.err(error)
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return {
    type: type === 'Object' ? error.name : type,
    message,
    ...code,
    ...(typeof error.stack === 'string' ? { stack } : {}),
  }
}

const isErrorLike = (error: unknown): error is Error =>
  typeof error === 'object' &&
  error !== null &&
  'message' in error &&
  typeof error.message === 'string'
