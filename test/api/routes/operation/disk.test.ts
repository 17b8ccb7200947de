import assert from 'node:assert/strict'
import { postJson, send, submit } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

describe('a disk that is almost full', () => {
  let api: TestApi
  let isLow: boolean
  beforeEach(async () => {
    isLow = false
    api = await startApi({ isDiskLow: () => isLow })
  })
  afterEach(() => api.close())

  it('takes nothing new on, and says so by /health, while reading and removing go on', async () => {
    const jobId = await submit(api, 'Bom dia')
    isLow = true
    const refused = await postJson(api, '/classify-email', { text: 'Bom dia' })
    assert.deepEqual([refused.status, refused.json['code']], [507, 'disk_low'])
    assert.match(String(refused.json['detail']), /disco/)
    const health = await send(api, '/health')
    assert.deepEqual([health.status, health.json['disk']], [200, 'low'])
    assert.equal((await send(api, `/job-status/${jobId}`)).status, 200)
    assert.equal((await send(api, `/job/${jobId}`, { method: 'DELETE' })).status, 200)
    isLow = false
    assert.equal((await send(api, '/health')).json['disk'], undefined)
    await submit(api, 'Bom dia')
  })
})
