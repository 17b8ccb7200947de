import assert from 'node:assert/strict'
import { Client } from '@temporalio/client'
import { connectToTemporal } from '../../../services/adapters/temporal-connection.js'
import { checkTemporal } from '../../../services/adapters/temporal-health.js'
import { freePort } from '../../support/free-port.js'
import { waitUntil } from '../../support/wait-until.js'
import { newTaskQueue, openRealServer, withStubbedWorker } from '../../workflows/stubbed-worker.js'

describe('checkTemporal', function () {
  this.timeout(30_000)
  let server: Awaited<ReturnType<typeof openRealServer>>

  before(async function () {
    this.timeout(180_000)
    server = await openRealServer()
  })
  after(() => server.close())

  it('misses the workers of a queue that nobody serves, and finds them once they ask for work', async () => {
    const taskQueue = newTaskQueue()
    const check = () => checkTemporal(server.client, 'default', taskQueue)
    assert.deepEqual(await check(), { temporal: true, workers: false })
    const untilSeen = async () => {
      await waitUntil('the worker is seen', async () => (await check()).workers)
    }
    await withStubbedWorker(server, {}, untilSeen, taskQueue)
  })

  it('says no for a server that is away, in time', async () => {
    const connection = connectToTemporal(`127.0.0.1:${await freePort()}`)
    const askedMs = Date.now()
    const health = await checkTemporal(new Client({ connection }), 'default', 'interactive')
    assert.deepEqual(health, { temporal: false, workers: false })
    assert.ok(Date.now() - askedMs < 3_000)
    await connection.close()
  })

  it('says no for a namespace that is missing', async () => {
    const health = await checkTemporal(server.client, 'no-such-namespace', 'interactive')
    assert.deepEqual(health, { temporal: false, workers: false })
  })
})
