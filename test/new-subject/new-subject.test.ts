import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import {
  startTemporalServer,
  type TemporalServer,
} from '../../commands/one-machine/temporal-server.js'
import type { Db } from '../../db/database.js'
import { bundleWorkflows } from '../../workers/bundle-workflows.js'
import { keepHouseScheduleId, runWorkflowId, sweepRunsScheduleId } from '../../workflow-ids.js'
import { openTestDatabase } from '../support/database.js'
import { lastingPort } from '../support/processes.js'
import { acceptedJobId, followJob, postText, request } from '../support/job-client.js'
import { type Product, startProductWith } from '../support/product.js'
import { openAnySocket } from '../support/socket-client.js'
import { getTemporalCli } from '../support/temporal-binaries.js'
import { waitUntil } from '../support/wait-until.js'
import { createErrandActivities } from './errand-activities.js'
import { createErrandTable, errandKind, errandSubject, insertErrand } from './errand-subject.js'

const far = () => new Date(Date.now() + 3_600_000).toISOString()
const now = () => new Date().toISOString()

/** What the README promises contributors: a subject is a folder of its own and a line in each static list. */
describe('a new subject', function () {
  this.timeout(120_000)
  let folder: string
  let bundlePath: string
  let temporal: TemporalServer
  let ports: [number, number]
  let db: Db
  let product: Product
  const stalled = new Set<string>()

  const startTemporal = async (name: string) => {
    temporal = await startTemporalServer({
      binary: await getTemporalCli(),
      dataDir: join(folder, name),
      port: ports[0],
      uiPort: ports[1],
      namespace: 'default',
      log: () => undefined,
    })
  }
  const startWithErrands = async (keepsRows: boolean) => {
    product = await startProductWith({
      temporalAddress: temporal.address,
      keepsRows,
      subjects: [errandSubject],
      workers: {
        bundlePath,
        activities: createErrandActivities(
          () => db,
          (town) => stalled.has(town),
        ),
      },
    })
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-new-subject-'))
    bundlePath = join(folder, 'workflows.js')
    await bundleWorkflows(
      fileURLToPath(new URL('./errand-workflow.js', import.meta.url)),
      bundlePath,
    )
    ports = [await lastingPort(), await lastingPort()]
    ;({ db } = await openTestDatabase())
    await createErrandTable(db)
    await startTemporal('first')
    await startWithErrands(false)
  })
  after(async () => {
    stalled.clear()
    await product.close()
    await temporal.stop()
    await sql`drop table if exists errands`.execute(db)
    await rm(folder, { recursive: true, force: true })
  })
  afterEach(() => stalled.clear())

  const post = (body: object) =>
    request(`${product.url}/errands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const send = async (town: string, arrives_at = now()) => {
    const { status, body } = await post({ town, arrives_at })
    assert.equal(status, 200, JSON.stringify(body))
    return String(body['id'])
  }
  const read = async (id: string) => (await request(`${product.url}/runs/${id}`)).body
  const isAt = (id: string, step: string) =>
    waitUntil(step, async () => (await read(id))['step_code'] === step, 20_000)
  const diary = async (id: string) => {
    const { rows } = await sql<{ diary: string }>`
      select diary from errands where id = ${id}`.execute(db)
    return rows[0]?.diary
  }

  it('has a route, an error and a description of both', async () => {
    const { status, body } = await post({ town: 'Lua', arrives_at: now() })
    assert.deepEqual([status, body['code'], body['detail']], [400, 'too_far', 'Longe demais.'])
    const description = (await request(`${product.url}/openapi.json`)).body as {
      paths: Record<string, object>
    }
    assert.ok('/errands' in description.paths)
  })

  it('has a run that is read, listed, watched and removed as every other', async () => {
    const id = await send('Olinda')
    const own = openAnySocket(`${product.socketUrl}/ws/errands/${id}`)
    const common = openAnySocket(`${product.socketUrl}/ws/runs/${id}`)
    assert.equal(await own.ended, 1000)
    assert.equal(await common.ended, 1000)
    const last = common.last() ?? {}
    assert.deepEqual([last['kind'], last['status']], ['errand', 'completed'])
    assert.deepEqual(last['result'], { delivered_to: 'Olinda' })
    assert.deepEqual(
      { ...(await read(id)) },
      { ...last },
      'a frame and an answer are the same object',
    )
    assert.equal(await diary(id), 'pd')
    const { body } = await request(`${product.url}/runs?kind=errand`)
    assert.ok((body as unknown as { id: string }[]).some((run) => run.id === id))
    await request(`${product.url}/runs/${id}`, { method: 'DELETE' })
    assert.equal((await request(`${product.url}/runs/${id}`)).status, 404)
    assert.equal(await diary(id), undefined)
  })

  it('fails by an error of its own, said in its own words', async () => {
    const id = await send('Atlântida')
    await waitUntil('it has failed', async () => (await read(id))['status'] === 'failed')
    const { error, error_code: code } = await read(id)
    assert.deepEqual([code, error], ['errand_lost', 'A cidade não existe.'])
  })

  it('has its old runs cleared away with the rest of the house', async () => {
    const [old, young] = [await send('Olinda'), await send('Olinda')]
    for (const id of [old, young])
      await waitUntil('it ends', async () => (await read(id))['status'] === 'completed')
    const ended_at = new Date(Date.now() - 366 * 86_400_000)
    await db.updateTable('runs').set({ ended_at }).where('id', '=', old).execute()
    await product.dependencies.client.schedule.getHandle(keepHouseScheduleId).trigger()
    await waitUntil('it is gone', async () => (await diary(old)) === undefined)
    assert.equal((await read(young))['status'], 'completed')
  })

  it('is cancelled while it waits', async () => {
    const id = await send('Olinda', far())
    await waitUntil('it waits', async () => (await read(id))['status'] === 'waiting')
    const socket = openAnySocket(`${product.socketUrl}/ws/runs/${id}`)
    await socket.receives('the present state', () => true)
    socket.socket.send('{"type":"cancel"}')
    assert.equal(await socket.ended, 1000)
    assert.equal((await read(id))['error_code'], 'cancelled')
  })

  it('holds up nobody while eight of its calls outside stall: no classification and no ninth call', async () => {
    stalled.add('Stalled')
    const stuck = await Promise.all(Array.from({ length: 8 }, () => send('Stalled')))
    for (const id of stuck) await isAt(id, 'delivering')
    const ninth = await send('Olinda')
    const job = acceptedJobId(await postText(product.url, 'Qual o andamento do pedido 4821?'))
    await waitUntil('the ninth ends', async () => (await read(ninth))['status'] === 'completed')
    assert.equal((await followJob([product.socketUrl], job, 20_000)).last.status, 'completed')
    for (const id of stuck) assert.equal((await read(id))['status'], 'running')
    stalled.clear()
    for (const id of stuck)
      await waitUntil('it ends too', async () => (await read(id))['status'] === 'completed', 20_000)
  })

  it('goes on at the step that it had reached where all that Temporal knew is lost', async () => {
    stalled.add('Stalled')
    const running = await send('Stalled')
    const waits = await send('Olinda', new Date(Date.now() + 4_000).toISOString())
    const longer = await send('Olinda', far())
    await isAt(running, 'delivering')
    for (const id of [waits, longer])
      await waitUntil('it waits', async () => (await read(id))['status'] === 'waiting')
    await product.close()
    await temporal.stop()

    // Its file is gone; and a run was written that no workflow ever began.
    await rm(join(folder, 'first'), { recursive: true })
    const pending = randomUUID()
    await insertErrand(db, pending, 'Olinda', now())
    stalled.clear()
    await startTemporal('second')
    await startWithErrands(true)
    const old = new Date(Date.now() - 120_000)
    await db.updateTable('runs').set({ updated_at: old }).where('is_open', '=', true).execute()
    const sweep = () =>
      product.dependencies.client.schedule.getHandle(sweepRunsScheduleId).trigger()
    const isOver = async (id: string) => (await read(id))['status'] === 'completed'
    for (const id of [pending, running, waits])
      await waitUntil(
        'it ends',
        async () => {
          await sweep()
          return await isOver(id)
        },
        40_000,
      )
    assert.deepEqual(await Promise.all([pending, running, waits].map(diary)), ['pd', 'pd', 'pd'])
    // Nobody began the one again whose time has not come: it costs nothing until then.
    assert.equal((await read(longer))['status'], 'waiting')
    const handle = product.dependencies.client.workflow.getHandle(
      runWorkflowId(errandKind.workflow, longer),
    )
    await assert.rejects(handle.describe(), { name: 'WorkflowNotFoundError' })
  })
})
