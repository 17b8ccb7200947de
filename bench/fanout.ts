import { parseArgs } from 'node:util'
import { type Db, openServerDatabase } from '../db/database.js'
import { migrateToLatest } from '../db/migrate.js'
import { startAudience } from './fanout/ask-audience.js'
import { type Ground, type Side, sides, startSide } from './fanout/sides.js'
import { createJob, endJob, updateJob } from './fanout/update-job.js'
import { installedVersion } from './support/package-version.js'
import { noPostgres, openPostgres, readPostgresVersion } from './support/postgres.js'
import { readUsageOfAll } from './support/process-usage.js'
import { createSettings } from './support/product.js'
import { type BenchReport, type Ratio, round } from './support/report.js'
import { BenchSetUpError } from './support/set-up-error.js'
import { median } from './support/statistics.js'
import { openTemporalServer } from './support/temporal.js'
import { type Later, withCleanup } from './support/with-cleanup.js'

const full = { sockets: 2_000, updates: 100, rounds: 3 } as const
const aims = { processor: 0.7, memory: 0.8 } as const
const bytesPerMiB = 1024 * 1024

interface Size {
  readonly sockets: number
  readonly updates: number
  readonly rounds: number
}

interface Measured {
  readonly processorUsPerMessage: number
  readonly memoryGrowthMiB: number
  readonly delivered: number
  /** Sockets that did not end on the last state. */
  readonly astray: number
}

/** Many sockets on one job: the gateway against a server on `ws` that hears the same. */
export async function runFanout(args: string[]): Promise<BenchReport> {
  const size = readSize(args)
  return await withCleanup(async (later) => {
    const databaseUrl = await openPostgres(later)
    if (databaseUrl === undefined) throw new BenchSetUpError(`fanout can't run here. ${noPostgres}`)
    const db = await openDatabase(databaseUrl, later)
    const settings = {
      ...(await createSettings(later)),
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: await openTemporalServer(later),
    }
    const measured = await measureInTurn({ databaseUrl, settings }, db, size)
    return report(measured, size, {
      ws: installedVersion('ws'),
      'uWebSockets.js': installedVersion('uWebSockets.js'),
      PostgreSQL: await readPostgresVersion(databaseUrl),
    })
  })
}

function readSize(args: string[]): Size {
  const text = (value: number) => ({ type: 'string', default: String(value) }) as const
  const { values } = parseArgs({
    args,
    options: {
      sockets: text(full.sockets),
      updates: text(full.updates),
      rounds: text(full.rounds),
    },
  })
  return {
    sockets: Number(values.sockets),
    updates: Number(values.updates),
    rounds: Number(values.rounds),
  }
}

async function openDatabase(url: string, later: Later): Promise<Db> {
  const database = openServerDatabase(url, (error) => console.error(error.message))
  later(() => database.close())
  await migrateToLatest(database.db)
  return database.db
}

async function measureInTurn(ground: Ground, db: Db, size: Size): Promise<Record<Side, Measured>> {
  const measured: Record<Side, Measured[]> = { gateway: [], ws: [], tunnel: [] }
  for (let round = 1; round <= size.rounds; round++) {
    for (const side of sides) {
      console.log(`Round ${round} of ${size.rounds}: ${side}…`)
      measured[side].push(await measure(side, ground, db, size))
    }
  }
  return {
    gateway: overRounds(measured.gateway),
    ws: overRounds(measured.ws),
    tunnel: overRounds(measured.tunnel),
  }
}

async function measure(side: Side, ground: Ground, db: Db, size: Size): Promise<Measured> {
  return await withCleanup(async (later) => {
    const { socketUrl, pids } = await startSide(side, ground, later)
    const ask = startAudience(later)
    const jobId = await createJob(db)
    const empty = readUsageOfAll(pids)
    const url = `${socketUrl}/ws/job-status/${jobId}`
    await ask({ order: 'open', url, sockets: size.sockets })
    // The first update settles what opening left to do; it isn't counted.
    const first = await updateJob(db, jobId, { from: 1, updates: 1 })
    const deliveredBefore = await ask({ order: 'read', status: 'classifying', seq: first })
    const before = readUsageOfAll(pids)
    const seq = await updateJob(db, jobId, { from: first + 1, updates: size.updates })
    const deliveredAfter = await ask({ order: 'read', status: 'classifying', seq })
    const after = readUsageOfAll(pids)
    await endJob(db, jobId, seq)
    const ended = await ask({ order: 'closed', status: 'completed' })
    const delivered = deliveredAfter - deliveredBefore
    return {
      processorUsPerMessage: ((after.processorMs - before.processorMs) * 1000) / delivered,
      memoryGrowthMiB: (after.residentBytes - empty.residentBytes) / bytesPerMiB,
      delivered,
      astray: size.sockets - ended,
    }
  })
}

const overRounds = (rounds: readonly Measured[]): Measured => ({
  processorUsPerMessage: median(rounds.map((round) => round.processorUsPerMessage)),
  memoryGrowthMiB: median(rounds.map((round) => round.memoryGrowthMiB)),
  delivered: rounds.reduce((sum, round) => sum + round.delivered, 0),
  astray: rounds.reduce((sum, round) => sum + round.astray, 0),
})

const names: Readonly<Record<Side, string>> = {
  gateway: 'triagem gateway',
  ws: 'server on ws',
  tunnel: 'gateway through the API’s tunnel',
}

function report(
  measured: Record<Side, Measured>,
  size: Size,
  peers: Readonly<Record<string, string>>,
): BenchReport {
  const { gateway, ws, tunnel } = measured
  return {
    bench: 'fanout',
    table: [
      [
        'side',
        'processor µs per message',
        'memory growth MiB',
        'delivered',
        'not on the last state',
      ],
      ...sides.map((side) => [
        names[side],
        measured[side].processorUsPerMessage.toFixed(2),
        measured[side].memoryGrowthMiB.toFixed(1),
        String(measured[side].delivered),
        String(measured[side].astray),
      ]),
    ],
    notes: [
      `${size.sockets} sockets on one job, ${size.updates} row updates with NOTIFY by the bench, 20 ms apart, after one that opens the count, then the end; the sides in turn, ${size.rounds} rounds, each with new processes; medians, deliveries summed.`,
      'Peer: a server on `ws` with perMessageDeflate off that hears the same NOTIFY and renders the same frame, stringified once and sent as one buffer; it reads no rows and knows no limits, pings or languages.',
      'Processor time by /proc from the first of these updates until every socket has read the last one; memory growth: resident memory then, less that before the first socket.',
      'Through the tunnel: `triagem api` in front of the gateway, both counted.',
    ],
    ratios: [
      compare(
        'processor time',
        gateway.processorUsPerMessage,
        ws.processorUsPerMessage,
        aims.processor,
      ),
      compare('memory growth', gateway.memoryGrowthMiB, ws.memoryGrowthMiB, aims.memory),
      { name: 'not on the last state', value: gateway.astray + tunnel.astray, op: '<=', aim: 0 },
    ],
    figures: {
      ...listFigures('gateway', gateway),
      ...listFigures('ws', ws),
      ...listFigures('tunnel', tunnel),
      'tunnel to ws, processor time': round(
        tunnel.processorUsPerMessage / ws.processorUsPerMessage,
        2,
      ),
    },
    peers,
    fullSize:
      size.sockets >= full.sockets && size.updates >= full.updates && size.rounds >= full.rounds,
  }
}

const compare = (name: string, ours: number, theirs: number, aim: number): Ratio => ({
  name,
  value: round(ours / theirs, 3),
  op: '<=',
  aim,
})

function listFigures(side: string, measured: Measured): Record<string, number> {
  return {
    [`${side} processor us per message`]: round(measured.processorUsPerMessage, 3),
    [`${side} memory growth MiB`]: round(measured.memoryGrowthMiB, 1),
    [`${side} delivered`]: measured.delivered,
  }
}
