import { InferenceError, NonsenseAnswerError } from './inference-errors.js'

/** A chat completion is a few kilobytes; a thinking model's may be a hundred. */
const maxAnswerBytes = 256 * 1024
const maxRetryAfterMs = 60_000

/**
 * A fetch for @huggingface/inference that sends each request to `endpointUrl`, whatever address the
 * library made of it, and gives back a small answer that is JSON for sure.
 *
 * Redirects aren't followed: the key would go with them. Error bodies aren't read: the library would
 * put their words into its message.
 *
 * @throws InferenceError for a status that isn't 2xx and for a connection that fails,
 *   NonsenseAnswerError for an answer that is too large or no JSON
 */
export function createInferenceFetch(endpointUrl: string): typeof fetch {
  return async (_libraryUrl, init) => {
    const response = await reaching(fetch(endpointUrl, { ...init, redirect: 'manual' }))
    if (!response.ok) {
      // Nothing to do if the connection is gone already: the status is what matters.
      await response.body?.cancel().catch(() => undefined)
      throw statusError(response.status, response.headers.get('retry-after'))
    }
    const text = new TextDecoder().decode(await reaching(readBounded(response)))
    if (!isJson(text)) throw new NonsenseAnswerError('The inference server answered without JSON.')
    // Some servers leave the content type out, and the library would give a Blob then.
    return new Response(text, { headers: { 'content-type': 'application/json' } })
  }
}

/**
 * @param value a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3)
 * @returns milliseconds from `nowMs`, 0 to 60,000; undefined when there is none or it can't be read
 */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  const text = value?.trim() ?? ''
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : / GMT$/.test(text)
      ? Date.parse(text) - nowMs
      : NaN
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), maxRetryAfterMs)
}

/** Counts unpacked bytes, so that neither an endless answer nor a gzip bomb fills the memory. */
async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop by a throw cancels the stream, which closes the connection.
  for await (const chunk of bodyOf(response)) {
    bytes += chunk.byteLength
    if (bytes > maxAnswerBytes) {
      throw new NonsenseAnswerError('The inference server answered with far too much.')
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body !== null) yield* response.body
}

async function reaching<T>(attempt: Promise<T>): Promise<T> {
  try {
    return await attempt
  } catch (error) {
    if (error instanceof InferenceError) throw error
    throw new InferenceError(
      'unavailable',
      `The connection to the inference server failed (${networkCode(error)}).`,
    )
  }
}

/** The system's word for what went wrong (ECONNREFUSED …); fetch keeps it in its cause. */
function networkCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : ''
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : 'no code'
}

function statusError(status: number, retryAfter: string | null): InferenceError {
  const retryAfterMs = parseRetryAfter(retryAfter, Date.now())
  if (status === 429) {
    return new InferenceError('rate_limited', 'The inference server asks to wait.', retryAfterMs)
  }
  // 408 and 425 say by their definition that the same request may be sent again.
  if (status >= 500 || status === 408 || status === 425) {
    return new InferenceError(
      'unavailable',
      `The inference server failed with status ${status}.`,
      retryAfterMs,
    )
  }
  return new InferenceError('refused', refusal(status))
}

function refusal(status: number): string {
  if (status < 400) {
    return `The inference server redirects (status ${status}), which is not followed: set its final address.`
  }
  if (status === 401 || status === 403) {
    return `The inference server doesn't accept the key (status ${status}).`
  }
  if (status === 404) {
    return 'The inference server knows no such address or model (status 404): the address must be the full chat-completions URL.'
  }
  return `The inference server refused the request (status ${status}).`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
