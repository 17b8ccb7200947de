import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { recordEnd, recordProgress } from '../../../../db/run-progress.js'
import { send, submit } from '../../support/send.js'
import { startApi, type TestApi, type TestApiOptions } from '../../support/start-api.js'

describe('GET /health', () => {
  let api: TestApi | undefined
  const start = async (options: TestApiOptions = {}) => (api = await startApi(options))
  afterEach(() => api?.close())

  it('is healthy where every part is', async () => {
    const { status, json, headers } = await send(await start(), '/health')
    assert.equal(status, 200)
    const { timestamp, ...rest } = json
    assert.ok(Math.abs(Date.parse(String(timestamp)) - Date.now()) < 10_000)
    assert.deepEqual(rest, {
      status: 'healthy',
      active_jobs: 0,
      version: '1.2.3',
      components: { database: 'healthy', temporal: 'healthy', workers: 'healthy' },
      jobs: [],
    })
    assert.equal(headers['cache-control'], 'no-store')
  })

  for (const [temporal, workers] of [
    [false, false],
    [true, false],
  ] as const)
    it(`names ${temporal ? 'the workers' : 'Temporal'} where it is away`, async () => {
      const checkTemporal = () => Promise.resolve({ temporal, workers })
      const { status, json } = await send(await start({ checkTemporal }), '/health')
      assert.equal(status, 503)
      assert.equal(json['status'], 'unhealthy')
      assert.deepEqual(json['components'], {
        database: 'healthy',
        temporal: temporal ? 'healthy' : 'unhealthy',
        workers: 'unhealthy',
      })
    })

  it('lists the jobs that are not over, where it is open on loopback', async () => {
    const running = await start()
    const id = await submit(running, 'Bom dia')
    const over = await submit(running, 'Boa tarde')
    const { db } = running.database
    const step = {
      ...{ id, kind: 'classification', status: 'running' as const, step: 'starting', progress: 10 },
      ...{ done: null, total: null },
    } as const
    await recordProgress(db, [{ ...step, epoch: 1, seq: 1 }])
    await recordEnd(db, over, { status: 'completed' })
    // Open as well, but nothing that /job-status knows.
    await db.insertInto('runs').values({ id: randomUUID(), kind: 'batch' }).execute()
    const { json } = await send(running, '/health')
    assert.equal(json['active_jobs'], 1)
    assert.deepEqual(json['jobs'], [{ job_id: id, status: 'processing', progress: 10 }])
  })

  it('lists them only to operators where a key is set', async () => {
    const running = await start({
      env: { API_KEYS: 'bare-secret,boss-secret:operator', ALLOW_ANONYMOUS: 'classify' },
    })
    const id = await submit(running, 'Bom dia')
    for (const headers of [{}, { 'X-API-Key': 'bare-secret' }, { 'X-API-Key': 'wrong' }]) {
      const { status, json } = await send(running, '/health', { headers })
      assert.deepEqual([status, json['active_jobs'], json['jobs']], [200, 1, []])
    }
    const boss = await send(running, '/health', {
      headers: { Authorization: 'Bearer boss-secret' },
    })
    assert.deepEqual(boss.json['jobs'], [{ job_id: id, status: 'pending', progress: 0 }])
  })
})
