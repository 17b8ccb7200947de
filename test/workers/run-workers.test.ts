import assert from 'node:assert/strict'
import { pino } from 'pino'
import { openDependencies } from '../../commands/processes/dependencies.js'
import { createLifecycle, type Lifecycle } from '../../commands/processes/lifecycle.js'
import { openWorkers } from '../../commands/processes/open-workers.js'
import { productSubjects } from '../../commands/processes/subjects.js'
import { testConfig } from '../support/config.js'
import { openTestDatabase } from '../support/database.js'
import { freePort } from '../support/free-port.js'
import { getTemporalServer } from '../support/temporal.js'
import { waitUntil } from '../support/wait-until.js'

describe('runWorkers', function () {
  this.timeout(60_000)

  const log = pino({ level: 'silent' })
  let lifecycle: Lifecycle
  beforeEach(() => {
    lifecycle = createLifecycle(log)
  })
  afterEach(() => lifecycle.close())

  const open = async (temporalAddress: string) => {
    const database = await openTestDatabase()
    const config = testConfig()
    return openDependencies(lifecycle, {
      ...{ config, log, temporalAddress, database },
      subjects: productSubjects,
    })
  }

  it('polls every queue it was given, and stops', async () => {
    const dependencies = await open((await getTemporalServer()).address)
    const workers = await openWorkers(lifecycle, dependencies, ['interactive', 'bulk'])
    await waitUntil('the workers run', () => workers.isRunning())
    await workers.stop()
    assert.equal(workers.isRunning(), false)
  })

  it('waits for a Temporal server that is away, and can be stopped meanwhile', async () => {
    const dependencies = await open(`127.0.0.1:${await freePort()}`)
    const workers = await openWorkers(lifecycle, dependencies, ['interactive'])
    assert.equal(workers.isRunning(), false)
    await workers.stop()
  })
})
