import assert from 'node:assert/strict'
import { recordEnd } from '../../../../db/run-progress.js'
import { asKey } from '../../support/people.js'
import { send, submit } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

const localKey = 'the-key-of-this-run'

describe('GET /metrics', () => {
  let api: TestApi
  beforeEach(async () => {
    api = await startApi({ localKey })
  })
  afterEach(() => api.close())

  const read = () => send(api, '/metrics', { headers: asKey(localKey) })

  it('counts the jobs by state when it is asked', async () => {
    await submit(api, 'Bom dia')
    await submit(api, 'Boa tarde')
    const { status, headers, text } = await read()
    assert.equal(status, 200)
    assert.match(String(headers['content-type']), /^text\/plain/)
    assert.match(text, /^triagem_jobs\{status="pending"\} 2$/m)
    assert.match(text, /^triagem_runs\{kind="classification",status="pending"\} 2$/m)
    await recordEnd(api.database.db, api.runner.started[0]!, { status: 'completed' })
    const later = await read()
    assert.match(later.text, /^triagem_jobs\{status="pending"\} 1$/m)
    assert.match(later.text, /^triagem_jobs\{status="completed"\} 1$/m)
  })

  it('measures requests by route and status, never by path', async () => {
    const id = await submit(api, 'Bom dia')
    await send(api, `/job-status/${id}`)
    await send(api, '/no/such/path')
    const { text } = await read()
    assert.match(
      text,
      /triagem_http_request_seconds_count\{method="POST",route="\/classify-email",status="200"\} 1/,
    )
    assert.match(
      text,
      /triagem_http_request_seconds_count\{method="GET",route="\/job-status\/:job_id",status="200"\} 1/,
    )
    assert.match(
      text,
      /triagem_http_request_seconds_count\{method="GET",route="none",status="404"\} 1/,
    )
    assert.ok(!text.includes(id))
    assert.ok(!text.includes('/no/such/path'))
  })
})
