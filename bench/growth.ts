import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import type { Gateway } from '../api/live/gateway.js'
import { openDependencies } from '../commands/processes/dependencies.js'
import { createLifecycle } from '../commands/processes/lifecycle.js'
import { openApi, openGateway } from '../commands/processes/listeners.js'
import { openWorkers, waitForWorkers } from '../commands/processes/open-workers.js'
import { openSubjects, productSubjects } from '../commands/processes/subjects.js'
import { loadConfig } from '../config/load-config.js'
import { type OpenDatabase, openEmbeddedDatabase } from '../db/database.js'
import { migrateToLatest } from '../db/migrate.js'
import { recordProgress } from '../db/run-progress.js'
import { findRunsForSockets } from '../db/runs.js'
import { startUpkeep, type Upkeep } from '../db/upkeep.js'
import { taskQueueNames } from '../workflows/task-queues.js'
import { runJob } from './support/job-client.js'
import { installedVersion } from './support/package-version.js'
import { type BenchReport, type Ratio, round } from './support/report.js'
import { median } from './support/statistics.js'
import { openTemporalServer } from './support/temporal.js'
import { type Later, withCleanup } from './support/with-cleanup.js'

const fullSize = 100_000
const aim = 1.3
const statements = 300
const jobs = 40
const rowsAtOnce = 1_000
/** A mail of middle length, sealed, and its result. */
const contentBytes = 1_500

interface Product {
  readonly url: string
  readonly socketUrl: string
  readonly database: OpenDatabase
  readonly upkeep: Upkeep
}

interface Measured {
  readonly stored: number
  readonly 'socket look-up ms': number
  readonly 'progress write ms': number
  readonly 'job ms': number
}

const measures = ['socket look-up ms', 'progress write ms', 'job ms'] as const

/** Whether what is stored slows what is new, in one process that is never started again. */
export async function runGrowth(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: { rows: { type: 'string', default: String(fullSize) } },
  })
  const last = Number(values.rows)
  const sizes = [last / 100, last / 5, last]
  const measured = await withCleanup(async (later) => {
    const product = await openProduct(later)
    for (let turn = 0; turn < jobs; turn++) await runJob(product, turn)
    const rows: Measured[] = []
    for (const size of sizes) rows.push(await measure(product, size))
    return rows
  })
  return {
    bench: 'growth',
    table: [
      ['stored jobs', ...measures],
      ...measured.map((row) => [
        String(row.stored),
        ...measures.map((name) => row[name].toFixed(2)),
      ]),
    ],
    notes: [
      `The one-machine form's parts in the bench's own process on PGlite, so that rows can be put in while it runs: ${contentBytes} bytes of sealed content each. Medians of ${statements} statements and of ${jobs} jobs from the POST to the final frame, one at a time.`,
      'Floor: the same at the first size, in the same process.',
    ],
    ratios: measures.map((name) => compare(name, measured)),
    figures: Object.fromEntries(
      measured.flatMap((row) =>
        measures.map((name) => [`${row.stored} ${name}`, round(row[name], 2)]),
      ),
    ),
    peers: { PGlite: installedVersion('@electric-sql/pglite') },
    fullSize: last >= fullSize,
  }
}

function compare(name: (typeof measures)[number], measured: readonly Measured[]): Ratio {
  const [first, last] = [measured[0]?.[name] ?? NaN, measured.at(-1)?.[name] ?? NaN]
  return { name: `${name}, last to first`, value: round(last / first, 2), op: '<=', aim }
}

async function openProduct(later: Later): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-growth-'))
  later(() => rm(dataDir, { recursive: true, force: true }))
  const temporalAddress = await openTemporalServer(later)
  const key = () => randomBytes(32).toString('hex')
  const config = loadConfig({
    ...{ DATA_DIR: dataDir, PORT: '0', POST_LIMIT_PER_MINUTE: '100000000' },
    ...{ ENC_KEY: key(), HASH_KEY: key(), SECRET_KEY: key() },
  })
  const log = pino({ level: 'silent' })
  const lifecycle = createLifecycle(log)
  later(() => lifecycle.close())
  const database = await openEmbeddedDatabase(join(dataDir, 'postgres'))
  lifecycle.opened('database', database, () => database.close())
  await migrateToLatest(database.db)
  const upkeep = startUpkeep({ database, onDone: () => undefined, onError: console.error })
  lifecycle.opened('upkeep', upkeep, () => upkeep.stop())
  const dependencies = openDependencies(lifecycle, {
    ...{ config, log, temporalAddress, database },
    subjects: productSubjects,
  })
  await openWorkers(lifecycle, dependencies, taskQueueNames)
  const late: { gateway?: Gateway } = {}
  const opened = await openSubjects(lifecycle, dependencies)
  const api = await openApi(lifecycle, dependencies, {
    ...opened,
    findGatewayPort: () => late.gateway?.port ?? 0,
  })
  const { served } = opened
  late.gateway = await openGateway(lifecycle, dependencies, { host: '127.0.0.1', served })
  await waitForWorkers(dependencies)
  const url = `http://127.0.0.1:${api.port}`
  return { url, socketUrl: url.replace('http', 'ws'), database, upkeep }
}

async function measure(product: Product, stored: number): Promise<Measured> {
  const { db } = product.database
  await fill(product, stored)
  const { rows } = await product.database.pool.query<{ id: string }>(
    'select id from runs order by id limit 1 offset $1',
    [Math.floor(stored / 2)],
  )
  const id = rows[0]?.id ?? randomUUID()
  const step = { kind: 'classification', status: 'running', step: 'classifying' } as const
  const counts = { progress: 50, done: null, total: null }
  return {
    stored,
    'socket look-up ms': await timeEach(statements, () => findRunsForSockets(db, [id])),
    'progress write ms': await timeEach(statements, (turn) =>
      recordProgress(db, [{ id, ...step, ...counts, epoch: 1, seq: turn }]),
    ),
    'job ms': await timeEach(jobs, (turn) => runJob(product, turn)),
  }
}

/** As finished jobs leave them; the upkeep looks in between as it does by itself. */
async function fill({ database, upkeep }: Product, wanted: number): Promise<void> {
  const { rows } = await database.pool.query<{ count: string }>('select count(*) from runs')
  for (let stored = Number(rows[0]?.count); stored < wanted; stored += rowsAtOnce) {
    await database.pool.query(
      `with ended as (
         insert into runs (id, kind, status, step, progress, ended_at)
         select gen_random_uuid(), 'classification', 'completed', 'done', 100, now() from generate_series(1, $1)
         returning id
       )
       insert into classifications (id, source, content, outcome) select id, 'text', $2, $2 from ended`,
      [Math.min(rowsAtOnce, wanted - stored), randomBytes(contentBytes)],
    )
    await upkeep.run()
  }
}

async function timeEach(times: number, act: (turn: number) => Promise<unknown>): Promise<number> {
  const durations: number[] = []
  for (let turn = 0; turn < times; turn++) {
    const startedAtMs = performance.now()
    await act(turn)
    durations.push(performance.now() - startedAtMs)
  }
  return median(durations)
}
