import assert from 'node:assert/strict'
import { ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client'
import { prepareNamespace } from '../../../services/adapters/temporal-namespace.js'
import { keepHouseScheduleId, runAttributes, sweepRunsScheduleId } from '../../../workflow-ids.js'
import { type Product, startProduct } from '../../support/product.js'
import { waitUntil } from '../../support/wait-until.js'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

describe('prepareNamespace', function () {
  this.timeout(60_000)
  let product: Product

  before(async function () {
    this.timeout(180_000)
    product = await startProduct()
  })
  after(() => product.close())

  const schedule = () => product.dependencies.client.schedule.getHandle(sweepRunsScheduleId)
  const countRuns = async () => (await schedule().describe()).info.numActionsTaken

  it('registers the search attributes and changes nothing the second time', async () => {
    const { client } = product.dependencies
    const read = () =>
      client.connection.operatorService.listSearchAttributes({ namespace: 'default' })
    const { customAttributes } = await read()
    for (const name of Object.values(runAttributes)) assert.ok(name in customAttributes, name)
    const before = await schedule().describe()
    await prepareNamespace(client, 'default', 'interactive')
    await prepareNamespace(client, 'default', 'interactive')
    assert.deepEqual((await read()).customAttributes, customAttributes)
    const after = await schedule().describe()
    assert.deepEqual(after.spec, before.spec)
    assert.deepEqual(after.action, before.action)
    assert.deepEqual(after.info.createdAt, before.info.createdAt)
  })

  it('makes the sweeper a schedule that skips what overlaps and makes up for nothing', async () => {
    const { spec, policies, action, state } = await schedule().describe()
    assert.deepEqual(
      spec.intervals?.map(({ every }) => every),
      [dayMs],
    )
    assert.equal(policies.overlap, ScheduleOverlapPolicy.SKIP)
    assert.equal(policies.catchupWindow, minuteMs)
    assert.equal(action.workflowType, 'sweepRuns')
    assert.equal(action.taskQueue, 'interactive')
    assert.equal(state.paused, false)
    assert.match(state.note ?? '', /\w/)
  })

  it('brings a changed schedule to a namespace that has another, and leaves it paused', async () => {
    const { client } = product.dependencies
    await schedule().pause('An operator’s wish.')
    await schedule().update((present) => ({
      ...present,
      spec: { intervals: [{ every: '7 minutes' }] },
    }))
    await prepareNamespace(client, 'default', 'interactive')
    const { spec, state } = await schedule().describe()
    assert.deepEqual(
      spec.intervals?.map(({ every }) => every),
      [dayMs],
    )
    assert.equal(state.paused, true)
    await schedule().unpause()
  })

  it('makes a schedule anew that nobody ran for long, also when several processes do so at once', async () => {
    const { client } = product.dependencies
    const { info: before } = await schedule().describe()
    await schedule().pause('An operator’s wish.')
    const later = new Date(Date.now() + 4 * dayMs)
    const prepare = () => prepareNamespace(client, 'default', 'interactive', later)
    await Promise.all(Array.from({ length: 5 }, prepare))
    const { info, state } = await schedule().describe()
    assert.ok(info.createdAt > before.createdAt)
    assert.equal(state.paused, true)
    await schedule().unpause()
  })

  it('makes housekeeping a schedule of its own', async () => {
    const { action } = await product.dependencies.client.schedule
      .getHandle(keepHouseScheduleId)
      .describe()
    assert.equal(action.workflowType, 'keepHouse')
  })

  it('deletes a schedule of the version before, and ends what it still runs', async () => {
    const { client } = product.dependencies
    const old = await client.schedule.create({
      scheduleId: 'sweep-jobs',
      spec: { intervals: [{ every: '1 minute' }] },
      action: {
        type: 'startWorkflow',
        workflowType: 'sweepJobs',
        workflowId: 'sweep-jobs',
        taskQueue: 'nobody',
      },
    })
    await old.trigger()
    const workflowId = await waitUntil('it is listed as running', async () => {
      const query = `WorkflowType = 'sweepJobs' and ExecutionStatus = 'Running'`
      for await (const run of client.workflow.list({ query })) return run.workflowId
      return undefined
    })
    await prepareNamespace(client, 'default', 'interactive')
    await assert.rejects(old.describe(), ScheduleNotFoundError)
    const { status } = await client.workflow.getHandle(workflowId).describe()
    assert.equal(status.name, 'TERMINATED')
  })

  it('lets an operator see it among the schedules', async () => {
    await waitUntil('it is listed', async () => {
      for await (const { scheduleId } of product.dependencies.client.schedule.list())
        if (scheduleId === sweepRunsScheduleId) return true
      return false
    })
  })

  it('runs it when it is triggered', async () => {
    const before = await countRuns()
    await schedule().trigger(ScheduleOverlapPolicy.BUFFER_ALL)
    await waitUntil('it has run', async () => (await countRuns()) > before)
    const result = await getLastResult()
    assert.deepEqual(Object.keys(result).sort(), ['ended', 'started', 'sweptAt'])
  })

  it('runs it for a time that has passed, by backfill', async () => {
    const before = await countRuns()
    const start = new Date(Math.floor(Date.now() / dayMs) * dayMs - 5 * dayMs)
    const end = new Date(start.getTime() + dayMs)
    await schedule().backfill({ start, end, overlap: ScheduleOverlapPolicy.BUFFER_ALL })
    await waitUntil('both days have run', async () => (await countRuns()) >= before + 2, 30_000)
    await getLastResult()
  })

  async function getLastResult(): Promise<object> {
    const { info } = await schedule().describe()
    const last = info.recentActions.at(-1)?.action
    assert.ok(last !== undefined)
    const { client } = product.dependencies
    const run = client.workflow.getHandle(
      last.workflow.workflowId,
      last.workflow.firstExecutionRunId,
    )
    return (await run.result()) as object
  }
})
