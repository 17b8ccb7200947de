import assert from 'node:assert/strict'
import {
  createInferenceProvider,
  type InferenceSettings,
} from '../../../services/adapters/inference.js'
import { InferenceError, NonsenseAnswerError } from '../../../services/adapters/inference-errors.js'
import {
  startInferenceServer,
  type InferenceBehaviour,
  type InferenceServer,
} from '../../support/inference-server.js'

const key = 'sk-a-secret-key'
const privateText = 'Meu CPF é 000.000.001-91'
const request = { system: 'Sort the mail.', user: privateText, maxTokens: 100 }

describe('inference provider', () => {
  let server: InferenceServer

  beforeEach(async () => {
    server = await startInferenceServer()
  })
  afterEach(() => server.close())

  const ask = async (
    settings: Partial<InferenceSettings> = {},
    signal = new AbortController().signal,
    json = false,
  ): Promise<string> =>
    createInferenceProvider({
      provider: 'openai',
      model: 'small-1',
      apiKey: key,
      endpointUrl: server.url(),
      timeoutMs: 10_000,
      ...settings,
    }).complete({ ...request, json }, signal)

  const failureOf = async (
    behaviour: InferenceBehaviour,
    settings: Partial<InferenceSettings> = {},
  ): Promise<InferenceError> => {
    server.behave(behaviour)
    const error: unknown = await ask(settings).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof InferenceError, `threw ${String(error)}`)
    const told = `${error.message} ${String(error.stack)} ${JSON.stringify(error)} ${String(error.cause)}`
    for (const secret of [key, privateText, 'CPF', 'quoted'])
      assert.ok(!told.includes(secret), told)
    return error
  }

  it('gives the text of the answer', async () => {
    server.behave({ mode: 'answers', content: 'Prezada Ana, recebemos o pedido.' })
    assert.equal(await ask(), 'Prezada Ana, recebemos o pedido.')
  })

  it('sends one chat completion with the key, the model and both messages', async () => {
    await ask()
    assert.equal(server.requests.length, 1)
    const sent = server.requests[0]!
    assert.equal(sent.method, 'POST')
    assert.equal(sent.path, '/v1/chat/completions')
    assert.equal(sent.headers.authorization, `Bearer ${key}`)
    assert.equal(sent.headers['content-type'], 'application/json')
    assert.deepEqual(sent.body, {
      model: 'small-1',
      messages: [
        { role: 'system', content: 'Sort the mail.' },
        { role: 'user', content: privateText },
      ],
      max_tokens: 4_100,
      temperature: 0,
    })
  })

  for (const provider of ['openai', 'gemini', 'huggingface'] as const) {
    for (const path of [
      '/v1beta/openai/chat/completions',
      '/chat/completions/',
      '/deployments/small/chat/completions?api-version=2024-10-21',
      '/v1',
      '/',
      '/generate',
    ]) {
      it(`calls exactly ${path} for ${provider}`, async () => {
        await ask({ provider, endpointUrl: server.url(path) })
        assert.deepEqual(
          server.requests.map((sent) => sent.path),
          [path],
        )
      })
    }
  }

  it('sends no Authorization where there is no key', async () => {
    await ask({ apiKey: '' })
    assert.equal(server.requests[0]!.headers.authorization, undefined)
  })

  it('asks Gemini for JSON, and leaves its temperature alone', async () => {
    await ask({ provider: 'gemini' }, undefined, true)
    const body = server.requests[0]!.body as Record<string, unknown>
    assert.deepEqual(body.response_format, { type: 'json_object' })
    assert.equal(body.temperature, undefined)
  })

  it('does not ask unknown servers for JSON, since some refuse the wish', async () => {
    await ask({ provider: 'openai' }, undefined, true)
    assert.ok(!('response_format' in (server.requests[0]!.body as object)))
  })

  for (const status of [400, 401, 403, 404, 413, 422]) {
    it(`says that ${status} is permanent`, async () => {
      const body = JSON.stringify({ error: { message: `quoted ${key}` } })
      const headers = { 'content-type': 'application/json' }
      const error = await failureOf({ mode: 'status', status, headers, body })
      assert.equal(error.kind, 'refused')
      assert.equal(error.permanent, true)
      assert.match(error.message, new RegExp(String(status)))
    })
  }

  for (const status of [500, 502, 503, 504]) {
    it(`says that ${status} may pass, and leaves the repeating to the caller`, async () => {
      const error = await failureOf({ mode: 'status', status, body: 'quoted' })
      assert.equal(error.kind, 'unavailable')
      assert.equal(error.permanent, false)
      assert.equal(server.requests.length, 1)
    })
  }

  for (const [header, ms] of [
    ['7', 7_000],
    ['3600', 60_000],
  ] as const) {
    it(`carries Retry-After: ${header} of a 429 as ${ms} ms`, async () => {
      const error = await failureOf({
        mode: 'status',
        status: 429,
        headers: { 'retry-after': header },
      })
      assert.equal(error.kind, 'rate_limited')
      assert.equal(error.permanent, false)
      assert.equal(error.retryAfterMs, ms)
      assert.equal(server.requests.length, 1)
    })
  }

  it('carries no waiting time where a 429 gives none', async () => {
    const error = await failureOf({ mode: 'status', status: 429 })
    assert.equal(error.retryAfterMs, undefined)
  })

  for (const mode of ['stalls', 'stalls-mid-body'] as const) {
    it(`gives up after the time-out when the server ${mode}, and closes the connection`, async () => {
      const error = await failureOf({ mode }, { timeoutMs: 150 })
      assert.equal(error.kind, 'timeout')
      assert.equal(error.permanent, false)
      await server.abandoned()
    })
  }

  it("ends with the caller's own reason when the caller aborts", async () => {
    server.behave({ mode: 'stalls' })
    const controller = new AbortController()
    const reason = new Error('Cancelado a pedido.')
    const answer = assert.rejects(ask({}, controller.signal), (error) => error === reason)
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    controller.abort(reason)
    await answer
    await server.abandoned()
  })

  it('sends nothing when the caller has aborted before', async () => {
    const reason = new Error('Cancelado a pedido.')
    await assert.rejects(ask({}, AbortSignal.abort(reason)), (error) => error === reason)
    assert.equal(server.requests.length, 0)
  })

  it('takes a connection that breaks mid-answer for something that may pass', async () => {
    const error = await failureOf({ mode: 'drops-mid-body' })
    assert.equal(error.kind, 'unavailable')
    assert.equal(error.permanent, false)
  })

  it('names the code when nothing listens there', async () => {
    const endpointUrl = server.url()
    await server.close()
    await assert.rejects(ask({ endpointUrl }), /ECONNREFUSED/)
    server = await startInferenceServer()
  })

  for (const gzip of [false, true]) {
    it(`stops reading ${gzip ? 'a gzip bomb' : 'an endless answer'}`, async () => {
      const before = process.memoryUsage().arrayBuffers
      const error = await failureOf({ mode: 'endless', gzip })
      assert.ok(error instanceof NonsenseAnswerError)
      assert.equal(error.permanent, false)
      await server.abandoned()
      assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024)
    })
  }

  const nonsense: Record<string, InferenceBehaviour> = {
    'a web page': { mode: 'sends', contentType: 'text/html', body: '<h1>quoted</h1>' },
    'broken JSON': { mode: 'sends', contentType: 'application/json', body: '{"choices": [quoted' },
    nothing: { mode: 'sends', contentType: 'application/json', body: '' },
    'JSON null': { mode: 'sends', contentType: 'application/json', body: 'null' },
    'an error under status 200': { mode: 'sends', body: '{"error":{"message":"quoted"}}' },
    'no choices': { mode: 'sends', body: '{"choices":[]}' },
    'no content': { mode: 'sends', body: '{"choices":[{"message":{"content":null}}]}' },
    'white space': { mode: 'answers', content: ' \n' },
    'a cut-off text': { mode: 'answers', content: 'quoted', finishReason: 'length' },
  }
  for (const [what, behaviour] of Object.entries(nonsense)) {
    it(`takes ${what} for nonsense that may pass`, async () => {
      const error = await failureOf(behaviour)
      assert.ok(error instanceof NonsenseAnswerError)
      assert.equal(error.permanent, false)
    })
  }

  it('reads an answer whose content type is missing', async () => {
    server.behave({ mode: 'sends', body: '{"choices":[{"message":{"content":"Produtivo"}}]}' })
    assert.equal(await ask(), 'Produtivo')
  })

  it('follows no redirect, so that the key stays here', async () => {
    const other = await startInferenceServer()
    try {
      const headers = { location: other.url() }
      const error = await failureOf({ mode: 'status', status: 307, headers })
      assert.equal(error.permanent, true)
      assert.equal(other.requests.length, 0)
    } finally {
      await other.close()
    }
  })

  it('works again with the same provider after a failure', async () => {
    server.behave({ mode: 'status', status: 500 }, { mode: 'answers', content: 'Improdutivo' })
    const provider = createInferenceProvider({
      provider: 'openai',
      model: 'small-1',
      endpointUrl: server.url(),
      timeoutMs: 10_000,
    })
    const { signal } = new AbortController()
    await assert.rejects(provider.complete(request, signal), /500/)
    assert.equal(await provider.complete(request, signal), 'Improdutivo')
  })

  const unusable: Record<string, Partial<InferenceSettings>> = {
    'an address that is none': { endpointUrl: 'chat/completions' },
    'another protocol': { endpointUrl: 'file:///etc/passwd' },
    'a password in the address': { endpointUrl: `https://user:${key}@example.org/v1` },
    'a line break in the key': { apiKey: `${key}\n` },
  }
  for (const [what, settings] of Object.entries(unusable)) {
    it(`refuses ${what} at once, without quoting it`, async () => {
      await assert.rejects(ask(settings), (error) => {
        assert.ok(error instanceof Error && !error.message.includes(key))
        return true
      })
      assert.equal(server.requests.length, 0)
    })
  }

  it('needs a key for the services that have one address', () => {
    for (const provider of ['huggingface', 'gemini'] as const) {
      const settings = { provider, model: 'small-1', timeoutMs: 100 }
      assert.throws(() => createInferenceProvider(settings), /needs a key/)
      assert.equal(createInferenceProvider({ ...settings, apiKey: key }).name, provider)
    }
  })

  for (const [provider, url] of [
    ['huggingface', 'https://router.huggingface.co/v1/chat/completions'],
    ['gemini', 'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions'],
  ] as const) {
    it(`calls ${url} for ${provider} when no address is set`, async () => {
      const calls: string[] = []
      const realFetch = globalThis.fetch
      globalThis.fetch = (input) => {
        assert.ok(typeof input === 'string')
        calls.push(input)
        // The real services can't be reached from a test: our own server answers in their place.
        return realFetch(server.url())
      }
      try {
        const settings = { provider, model: 'small-1', apiKey: 'hf_key', timeoutMs: 10_000 }
        const { signal } = new AbortController()
        await createInferenceProvider(settings).complete(request, signal)
      } finally {
        globalThis.fetch = realFetch
      }
      assert.deepEqual(calls, [url])
    })
  }

  it('needs an address for servers of the OpenAI protocol', () => {
    const settings = { provider: 'openai' as const, model: 'small-1', apiKey: key, timeoutMs: 100 }
    assert.throws(() => createInferenceProvider(settings), /needs an endpoint/)
  })
})
