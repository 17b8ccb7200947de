import assert from 'node:assert/strict'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { MockActivityEnvironment } from '@temporalio/testing'
import { createInferenceProvider } from '../../services/adapters/inference.js'
import { NonsenseAnswerError } from '../../services/adapters/inference-errors.js'
import { askProvider } from '../../activities/ask-provider.js'
import {
  type InferenceBehaviour,
  type InferenceServer,
  startInferenceServer,
} from '../support/inference-server.js'
import { waitUntil } from '../support/wait-until.js'
import { newActivityEnvironment } from '../services/email-classification/test-classification.js'

const secret = 'Meu CPF é 000.000.001-91'

describe('askProvider', () => {
  let server: InferenceServer
  let environment: MockActivityEnvironment

  beforeEach(async () => {
    server = await startInferenceServer()
    environment = newActivityEnvironment()
  })
  afterEach(() => server.close())

  const ask = (parse: (answer: string) => string = (answer) => answer) => {
    const settings = {
      provider: 'openai',
      model: 'm',
      apiKey: 'sk-x',
      endpointUrl: server.url(),
      timeoutMs: 10_000,
    } as const
    const request = { system: 'Sort the mail.', user: secret, maxTokens: 50 }
    return environment.run(() => askProvider(createInferenceProvider(settings), request, parse))
  }

  const failureOf = async (behaviour: InferenceBehaviour): Promise<ApplicationFailure> => {
    server.behave(behaviour)
    const error: unknown = await ask().catch((thrown: unknown) => thrown)
    assert.ok(error instanceof ApplicationFailure, String(error))
    assert.equal(error.type, 'provider_failed')
    assert.ok(!`${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`.includes('CPF'))
    return error
  }

  it('gives the answer in the form that it was parsed to', async () => {
    server.behave({ mode: 'answers', content: 'Produtivo' })
    assert.equal(await ask((answer) => answer.toUpperCase()), 'PRODUTIVO')
  })

  it('lets Temporal try again after what may pass', async () => {
    for (const status of [500, 503, 429]) {
      const failure = await failureOf({ mode: 'status', status, body: secret })
      assert.equal(failure.nonRetryable, false)
      assert.equal(failure.nextRetryDelay, undefined)
    }
  })

  it('passes on how long the provider asks to be left alone', async () => {
    const failure = await failureOf({
      mode: 'status',
      status: 429,
      headers: { 'retry-after': '7' },
    })
    assert.equal(failure.nextRetryDelay, 7_000)
    assert.equal(failure.nonRetryable, false)
  })

  it('does not try again what the provider refused', async () => {
    for (const status of [400, 401, 403, 404])
      assert.equal((await failureOf({ mode: 'status', status, body: secret })).nonRetryable, true)
  })

  it('lets Temporal try again after an answer that can not be used', async () => {
    server.behave({ mode: 'answers', content: secret })
    const parse = () => {
      throw new NonsenseAnswerError('The answer is not one of the two labels.')
    }
    await assert.rejects(ask(parse), { type: 'provider_failed', nonRetryable: false })
  })

  it('leaves an error that is ours as it is', async () => {
    const parse = () => {
      throw new TypeError('x is undefined')
    }
    await assert.rejects(ask(parse), TypeError)
  })

  it('hangs up when the activity is cancelled', async () => {
    server.behave({ mode: 'stalls' })
    const asked = ask()
    const checked = assert.rejects(asked, CancelledFailure)
    await waitUntil('the request has come', () => server.requests.length > 0)
    environment.cancel()
    await checked
    await server.abandoned()
  })
})
