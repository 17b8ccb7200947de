import assert from 'node:assert/strict'
import { waitUntil } from '../../../support/wait-until.js'
import { assertRefused } from '../../support/assert-refused.js'
import { send, submit } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

describe('polling a job', () => {
  let api: TestApi
  beforeEach(async () => {
    api = await startApi({ env: { TRUST_PROXY: '1' } })
  })
  afterEach(() => api.close())

  const poll = (id: string, address = '198.51.100.7') =>
    send(api, `/job-status/${id}`, { headers: { 'X-Forwarded-For': address } })

  it('is refused a second time within 500 ms, with a log line that holds no uuid', async () => {
    const id = await submit(api, 'Bom dia')
    assert.equal((await poll(id)).status, 200)
    const refused = await poll(id)
    assertRefused(refused, 429, 'too_many_requests')
    assert.equal(refused.headers['retry-after'], '1')
    const lines = api.logLines.filter((line) => line.includes('polled again within 500 ms'))
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /"level":40,.*"job":"[0-9a-f]{12}"/)
    assert.ok(!lines[0]!.includes(id))
    assert.ok(!lines[0]!.includes('198.51.100.7'))
  })

  it('is refused whichever way the id is written', async () => {
    const id = await submit(api, 'Bom dia')
    await poll(id)
    assert.equal((await poll(id.toUpperCase())).status, 429)
    assert.equal((await poll(`${id}/`)).status, 429)
  })

  it('is open to another address and for another job', async () => {
    const id = await submit(api, 'Bom dia')
    const other = await submit(api, 'Boa tarde')
    await poll(id)
    assert.equal((await poll(id, '198.51.100.8')).status, 200)
    assert.equal((await poll(other)).status, 200)
  })

  it('is open again after 500 ms, not sooner', async () => {
    const id = await submit(api, 'Bom dia')
    const firstSentMs = performance.now()
    await poll(id)
    await waitUntil('the job may be read again', async () => (await poll(id)).status === 200)
    assert.ok(performance.now() - firstSentMs >= 499)
  })
})
