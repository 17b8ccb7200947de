const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
])
/** SQLSTATE classes: connection exceptions, insufficient resources, operator intervention (shutdown). */
const unavailableStates = /^(08|53|57P)/
/** What node-postgres says in words alone. */
const unavailableMessages =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|query read timeout|cannot use a pool after calling end|not queryable|connection ended/i

/** Whether an error says that the database is away, so that the same call may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return (
    networkCodes.has(code) ||
    unavailableStates.test(code) ||
    unavailableMessages.test(error.message)
  )
}
