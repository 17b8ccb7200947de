import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  startTemporalServer,
  type TemporalServer,
} from '../../../commands/one-machine/temporal-server.js'
import {
  createSchedules,
  deleteEndedRuns,
  deleteEndedScheduled,
  type Schedules,
} from '../../../services/adapters/temporal-schedules.js'
import { keepHouseScheduleId, runAttributes, sweepRunsScheduleId } from '../../../workflow-ids.js'
import { watchSchedules } from '../../../workers/watch-schedules.js'
import { acceptedJobId, postText, request } from '../../support/job-client.js'
import { waitUntil } from '../../support/wait-until.js'
import { lastingPort } from '../../support/processes.js'
import { type Product, startProductWith } from '../../support/product.js'
import { getTemporalCli } from '../../support/temporal-binaries.js'

describe('schedules on a real Temporal server', function () {
  this.timeout(60_000)
  let product: Product
  let schedules: Schedules
  let temporal: TemporalServer
  let folder: string

  before(async function () {
    this.timeout(180_000)
    // Of its own: what is deleted here is whatever has ended.
    folder = await mkdtemp(join(tmpdir(), 'triagem-schedules-'))
    temporal = await startTemporalServer({
      binary: await getTemporalCli(),
      dataDir: folder,
      port: await lastingPort(),
      uiPort: await lastingPort(),
      namespace: 'default',
      log: () => undefined,
    })
    product = await startProductWith({ temporalAddress: temporal.address })
    schedules = createSchedules(product.dependencies.client)
    await waitUntil('the workers have made them', async () => (await schedules.list()).length === 2)
  })
  after(async () => {
    await product.close()
    await temporal.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('say what runs by itself, how often, and when next', async () => {
    const [sweep, house] = await schedules.list()
    assert.deepEqual([sweep?.name, sweep?.everySeconds], ['sweep-runs', 86_400])
    assert.deepEqual([house?.name, house?.everySeconds], ['keep-house', 86_400])
    assert.ok(house?.note.startsWith('Clear away'))
    assert.ok((house?.nextRun?.getTime() ?? 0) > Date.now() - 60_000)
  })

  it('are paused, resumed and run now', async () => {
    const paused = await schedules.move(keepHouseScheduleId, 'pause')
    assert.deepEqual([paused?.isPaused, paused?.nextRun], [true, undefined])
    const resumed = await schedules.move(keepHouseScheduleId, 'resume')
    assert.equal(resumed?.isPaused, false)
    assert.ok(resumed.note.startsWith('Clear away'))
    const before = (await schedules.list())[1]?.lastRun?.getTime() ?? 0
    await schedules.move(keepHouseScheduleId, 'run')
    await waitUntil(
      'it has run',
      async () => ((await schedules.list())[1]?.lastRun?.getTime() ?? 0) > before,
    )
    assert.equal(await schedules.move('lunch', 'run'), undefined)
  })

  it('have the workflows of runs deleted that ended well', async () => {
    const { client } = product.dependencies
    const id = acceptedJobId(await postText(product.url, 'Bom dia, qual o andamento do pedido?'))
    const count = async () =>
      (
        await client.workflow.count(
          `${runAttributes.key} = '${id}' and ExecutionStatus = 'Completed'`,
        )
      ).count
    await waitUntil('it has ended', async () => (await count()) === 1)
    await waitUntil(
      'it is gone',
      async () => {
        await deleteEndedRuns(client, new Date(Date.now() + 60_000))
        return (await count()) === 0
      },
      45_000,
    )
    const { body } = await request(`${product.url}/job-status/${id}`)
    assert.equal(body['status'], 'completed')
  })

  it('leave no ended workflow behind once it is cleared away', async () => {
    const { client } = product.dependencies
    const count = async () => {
      const query = `TemporalScheduledById = '${keepHouseScheduleId}' and ExecutionStatus = 'Completed'`
      return (await client.workflow.count(query)).count
    }
    await schedules.move(keepHouseScheduleId, 'run')
    await waitUntil('one has ended', async () => (await count()) > 0)
    assert.ok((await deleteEndedScheduled(client)) > 0)
    await waitUntil('it is gone', async () => (await count()) === 0)
  })

  // Last: Temporal takes a minute to delete what has only just ended, and its sweep asks for that.
  it('run oftener while there is work, and not at all while there is none', async () => {
    const { client, database, log } = product.dependencies
    const { db } = database
    const schedule = client.schedule.getHandle(sweepRunsScheduleId)
    const countSweeps = async () => (await schedule.describe()).info.numActionsTaken
    let looks = 0
    const counted = db.withPlugin({
      transformQuery: ({ node }) => {
        looks++
        return node
      },
      transformResult: ({ result }) => Promise.resolve(result),
    })
    const afterLooks = async () => {
      const wanted = looks + 6
      await waitUntil('it has looked', () => Promise.resolve(looks >= wanted))
    }
    const before = await countSweeps()
    const end = watchSchedules({ client, db: counted, log, everyMs: 50 })
    try {
      await afterLooks()
      assert.equal(await countSweeps(), before)
      const id = randomUUID()
      await db.insertInto('runs').values({ id, kind: 'a later kind', status: 'waiting' }).execute()
      await waitUntil('a sweep has run', async () => (await countSweeps()) > before)
      await afterLooks()
      assert.equal(await countSweeps(), before + 1, 'one that has just run is not run again')
      await db.deleteFrom('runs').where('id', '=', id).execute()
    } finally {
      end()
    }
  })
})
