import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { followJob, isCompleted, postJob, runJob } from './support/job-client.js'
import { type RunningProduct, startProduct } from './support/product.js'
import { type BenchReport, round } from './support/report.js'
import { median, percentile } from './support/statistics.js'
import { withCleanup } from './support/with-cleanup.js'

const fullSeconds = 60
const warmUpJobs = 200
const throughputSeconds = 10
const atOnce = 50
/** An operator's `some seconds`: more than this nobody waits for a classification. */
const aims = { p95Seconds: 15, recoverySeconds: 15 } as const
/** Back to normal: a job takes at most so many times what it takes at rest. */
const normalFactor = 2
const probeMs = 250

interface Load {
  readonly offered: number
  readonly refused: number
  readonly failed: number
  readonly lost: number
  readonly p95Seconds: number
  readonly recoverySeconds: number
}

/** Twice what the product can take: what it accepts, what it refuses, and how soon it is itself again. */
export async function runOverload(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string', default: String(fullSeconds) } },
  })
  const seconds = Number(values.seconds)
  return await withCleanup(async (later) => {
    const product = await startProduct('one-machine', { profileFolder: undefined }, later)
    for (let turn = 0; turn < warmUpJobs; turn++) await runJob(product, turn)
    const restMs = await measureRest(product)
    const perSecond = await measureThroughput(product)
    const load = await overload(product, 2 * perSecond, seconds, restMs)
    return {
      bench: 'overload',
      table: [
        [
          'jobs/s it takes',
          'offered',
          'accepted',
          'refused (503)',
          'p95 s',
          'back to normal after s',
          'failed',
          'lost',
        ],
        [
          perSecond.toFixed(1),
          String(load.offered),
          String(load.offered - load.refused),
          String(load.refused),
          load.p95Seconds.toFixed(1),
          load.recoverySeconds.toFixed(1),
          String(load.failed),
          String(load.lost),
        ],
      ],
      notes: [
        `One-machine form at its defaults. What it takes: ${atOnce} at a time for ${throughputSeconds} s. Then twice as many a second are offered for ${seconds} s, whether answered or not; p95 is of what was accepted, from the POST to the final frame.`,
        `Back to normal: one job at a time takes at most ${normalFactor} times what it took at rest (median ${restMs.toFixed(0)} ms), counted from the last POST of the load. Every accepted job is read afterwards.`,
      ],
      ratios: [
        {
          name: 'accepted p95, seconds',
          value: round(load.p95Seconds, 1),
          op: '<=',
          aim: aims.p95Seconds,
        },
        {
          name: 'back to normal, seconds',
          value: round(load.recoverySeconds, 1),
          op: '<=',
          aim: aims.recoverySeconds,
        },
        { name: 'failed or lost', value: load.failed + load.lost, op: '<=', aim: 0 },
      ],
      figures: {
        'jobs per second': round(perSecond, 1),
        'accepted per second': round((load.offered - load.refused) / seconds, 1),
        refused: load.refused,
        'accepted p95 seconds': round(load.p95Seconds, 1),
        'recovery seconds': round(load.recoverySeconds, 1),
      },
      peers: {},
      fullSize: seconds >= fullSeconds,
    }
  })
}

async function measureRest(product: RunningProduct): Promise<number> {
  const durations: number[] = []
  for (let turn = 0; turn < 20; turn++) durations.push((await runJob(product, turn)).durationMs)
  return median(durations)
}

async function measureThroughput(product: RunningProduct): Promise<number> {
  const endMs = performance.now() + throughputSeconds * 1_000
  let done = 0
  const lane = async () => {
    while (performance.now() < endMs) {
      await runJob(product, done)
      done++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return done / throughputSeconds
}

async function overload(
  product: RunningProduct,
  perSecond: number,
  seconds: number,
  restMs: number,
): Promise<Load> {
  const accepted: Promise<{ id: string; end: string; durationMs: number } | undefined>[] = []
  let refused = 0
  const offer = async (turn: number) => {
    const startedAtMs = performance.now()
    const id = await postJob(product, turn)
    if (id === undefined) {
      refused++
      return undefined
    }
    const end = await followJob(product, id)
    return { id, end, durationMs: performance.now() - startedAtMs }
  }
  const beganMs = performance.now()
  for (let offered = 0; performance.now() - beganMs < seconds * 1_000;) {
    const due = Math.floor(((performance.now() - beganMs) / 1_000) * perSecond)
    for (; offered < due; offered++) accepted.push(offer(offered))
    await delay(10)
  }
  const lastPostMs = performance.now()
  const recovered = recover(product, restMs, lastPostMs)
  const ended = (await Promise.all(accepted)).filter((job) => job !== undefined)
  const recoverySeconds = await recovered
  let unreadable = 0
  for (const { id, end } of ended)
    if (end === 'completed' && !(await isCompleted(product, id))) unreadable++
  return {
    offered: accepted.length,
    refused,
    failed: ended.filter(({ end }) => end === 'failed').length,
    lost: unreadable + ended.filter(({ end }) => end === 'lost').length,
    p95Seconds: percentile(
      ended.map(({ durationMs }) => durationMs / 1_000),
      0.95,
    ),
    recoverySeconds,
  }
}

/** @returns seconds since then until a job takes no longer than normal */
async function recover(product: RunningProduct, restMs: number, sinceMs: number): Promise<number> {
  for (let turn = 0; ; turn++) {
    const startedAtMs = performance.now()
    const id = await postJob(product, turn)
    if (id !== undefined) {
      await followJob(product, id)
      if (performance.now() - startedAtMs <= normalFactor * restMs)
        return (startedAtMs - sinceMs) / 1_000
    }
    await delay(probeMs)
  }
}
