import {
  chatContent,
  chatRequest,
  type ChatDialect,
  type InferenceRequest,
} from './inference-chat.js'
import { InferenceError } from './inference-errors.js'
import { createInferenceFetch } from './inference-fetch.js'

export type { InferenceRequest } from './inference-chat.js'

export type InferenceProviderName = 'huggingface' | 'gemini' | 'openai'

export interface InferenceSettings {
  provider: InferenceProviderName
  apiKey?: string
  model: string
  /** The full chat-completions URL, called as it is. Needed for `openai`, else the service's own. */
  endpointUrl?: string
  timeoutMs: number
}

export interface InferenceProvider {
  readonly name: InferenceProviderName
  readonly model: string
  /**
   * One attempt; trying again is the caller's (Temporal's) business.
   *
   * @returns the model's text, not empty
   * @throws InferenceError (`permanent`, `retryAfterMs`), NonsenseAnswerError among them;
   *   the signal's own reason when the caller aborts
   */
  complete(request: InferenceRequest, signal: AbortSignal): Promise<string>
}

const serviceEndpoints: Record<InferenceProviderName, string | undefined> = {
  huggingface: 'https://router.huggingface.co/v1/chat/completions',
  gemini: 'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
  openai: undefined,
}

/**
 * A model service behind @huggingface/inference's chat completion.
 *
 * What the library (4.13) does with an address was read in its source: given `endpointUrl` it uses its
 * hf-inference helper, which cuts final slashes, leaves an address that ends in /chat/completions, adds
 * /chat/completions to one that ends in /v1 and /v1/chat/completions to any other, one with a query
 * included. Without `endpointUrl` it takes its own router, and only for keys that begin with `hf_`. So
 * all three services go by `endpointUrl`, and our fetch calls exactly the address that was set. That
 * path also looks nothing up on the hub and doesn't insist on fields (usage, created) that small servers
 * leave out.
 *
 * @throws Error when the settings can't work: no address, no key where one is needed
 */
export function createInferenceProvider(settings: InferenceSettings): InferenceProvider {
  const endpointUrl = checkedEndpoint(settings)
  const accessToken = checkedKey(settings)
  const boundedFetch = createInferenceFetch(endpointUrl)

  return {
    name: settings.provider,
    model: settings.model,
    async complete(request, signal) {
      // Loaded on first use: 14 MB that an installation without inference doesn't pay for.
      const { chatCompletion } = await import('@huggingface/inference')
      const answer = await beforeDeadline(settings.timeoutMs, signal, (deadline) =>
        chatCompletion(
          {
            ...(accessToken === undefined ? {} : { accessToken }),
            endpointUrl,
            ...chatRequest(settings.model, dialectOf(settings.provider, endpointUrl), request),
          },
          // The library itself would repeat a 503 at once and for ever.
          { fetch: boundedFetch, retry_on_error: false, signal: deadline },
        ),
      )
      return chatContent(answer)
    },
  }
}

function checkedEndpoint(settings: InferenceSettings): string {
  const endpointUrl = settings.endpointUrl ?? serviceEndpoints[settings.provider]
  if (endpointUrl === undefined) throw new Error('This inference provider needs an endpoint URL.')
  const url = URL.canParse(endpointUrl) ? new URL(endpointUrl) : undefined
  const usable = url !== undefined && ['http:', 'https:'].includes(url.protocol)
  if (!usable || url.username !== '' || url.password !== '') {
    throw new Error('The inference endpoint must be an http(s) URL without user and password.')
  }
  return endpointUrl
}

function checkedKey({ apiKey, endpointUrl }: InferenceSettings): string | undefined {
  if (apiKey === undefined || apiKey === '') {
    if (endpointUrl === undefined) throw new Error('This inference provider needs a key.')
    return undefined
  }
  // fetch quotes a header that it can't send, key and all, in its error.
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new Error('The inference key has characters that no key has (a space, a line break?).')
  }
  return apiKey
}

function dialectOf(provider: InferenceProviderName, endpointUrl: string): ChatDialect {
  if (new URL(endpointUrl).hostname === 'api.openai.com') return 'openai'
  return provider === 'gemini' ? 'gemini' : 'common'
}

/**
 * Runs one call with a signal that aborts after `timeoutMs` or with the caller's. A plain timer, because
 * AbortSignal.any over AbortSignal.timeout can be collected before it fires (nodejs/node#57736).
 */
async function beforeDeadline<T>(
  timeoutMs: number,
  signal: AbortSignal,
  call: (deadline: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const deadline = new AbortController()
  const abort = (): void => deadline.abort()
  const timer = setTimeout(abort, timeoutMs)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await call(deadline.signal)
  } catch (error) {
    signal.throwIfAborted()
    if (deadline.signal.aborted) {
      throw new InferenceError('timeout', `No answer from the inference server in ${timeoutMs} ms.`)
    }
    if (error instanceof InferenceError) throw error
    throw new InferenceError('unavailable', 'The inference call failed before it was sent.')
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}
