import assert from 'node:assert/strict'
import { ScheduleOverlapPolicy } from '@temporalio/client'
import { prepareNamespace } from '../../../services/adapters/temporal-namespace.js'
import { jobIdAttribute, jobStateAttribute, sweepJobsScheduleId } from '../../../workflow-ids.js'
import { type Product, startProduct } from '../../support/product.js'
import { waitUntil } from '../../support/wait-until.js'

const minuteMs = 60_000

describe('prepareNamespace', function () {
  this.timeout(60_000)
  let product: Product

  before(async function () {
    this.timeout(180_000)
    product = await startProduct()
  })
  after(() => product.close())

  const schedule = () => product.dependencies.client.schedule.getHandle(sweepJobsScheduleId)
  const countRuns = async () => (await schedule().describe()).info.numActionsTaken

  it('registers the search attributes and changes nothing the second time', async () => {
    const { client } = product.dependencies
    const read = () =>
      client.connection.operatorService.listSearchAttributes({ namespace: 'default' })
    const { customAttributes } = await read()
    assert.ok(jobIdAttribute in customAttributes && jobStateAttribute in customAttributes)
    const before = await schedule().describe()
    await prepareNamespace(client, 'default', 'interactive')
    await prepareNamespace(client, 'default', 'another-queue')
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
      [minuteMs],
    )
    assert.equal(policies.overlap, ScheduleOverlapPolicy.SKIP)
    assert.equal(policies.catchupWindow, minuteMs)
    assert.equal(action.workflowType, 'sweepJobs')
    assert.equal(action.taskQueue, 'interactive')
    assert.equal(state.paused, false)
    assert.match(state.note ?? '', /\w/)
  })

  it('lets an operator see it among the schedules', async () => {
    await waitUntil('it is listed', async () => {
      for await (const { scheduleId } of product.dependencies.client.schedule.list())
        if (scheduleId === sweepJobsScheduleId) return true
      return false
    })
  })

  it('runs it when it is triggered', async () => {
    const before = await countRuns()
    await schedule().trigger(ScheduleOverlapPolicy.BUFFER_ALL)
    await waitUntil('it has run', async () => (await countRuns()) > before)
    const result = await getLastResult()
    assert.deepEqual(Object.keys(result).sort(), ['ended', 'expiredKeys', 'removedJobs', 'started'])
  })

  it('runs it for a time that has passed, by backfill', async () => {
    const before = await countRuns()
    const start = new Date(Math.floor(Date.now() / minuteMs) * minuteMs - 5 * minuteMs)
    const end = new Date(start.getTime() + 2 * minuteMs)
    await schedule().backfill({ start, end, overlap: ScheduleOverlapPolicy.BUFFER_ALL })
    await waitUntil('both minutes have run', async () => (await countRuns()) >= before + 2, 30_000)
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
