import assert from 'node:assert/strict'
import { pino } from 'pino'
import { openDependencies } from '../../../commands/processes/dependencies.js'
import { createLifecycle } from '../../../commands/processes/lifecycle.js'
import { openMonitor } from '../../../commands/processes/monitor.js'
import { testConfig } from '../../support/config.js'
import { openTestDatabase } from '../../support/database.js'
import { freePort } from '../../support/free-port.js'

describe('the monitor of a process without HTTP of its own', () => {
  const log = pino({ level: 'silent' })
  const lifecycle = createLifecycle(log)
  afterEach(() => lifecycle.close())

  async function askHealth(
    isWorking: boolean,
    more?: Record<string, string>,
  ): Promise<[status: number, body: unknown]> {
    const port = await freePort()
    const dependencies = openDependencies(lifecycle, {
      config: testConfig({ METRICS_PORT: String(port) }),
      log,
      temporalAddress: '127.0.0.1:1', // nobody calls it
      database: await openTestDatabase(),
      subjects: [],
    })
    await openMonitor(lifecycle, dependencies, () => isWorking, more)
    const answer = await fetch(`http://127.0.0.1:${port}/health`)
    return [answer.status, await answer.json()]
  }

  it('says whether the process works', async () => {
    assert.deepEqual(await askHealth(true), [200, { status: 'healthy' }])
    assert.deepEqual(await askHealth(false), [503, { status: 'unhealthy' }])
  })

  it('says what serves the sockets of a gateway', async () => {
    assert.deepEqual(await askHealth(true, { sockets: 'ws' }), [
      200,
      { status: 'healthy', sockets: 'ws' },
    ])
  })
})
