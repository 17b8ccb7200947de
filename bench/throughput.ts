import { parseArgs } from 'node:util'
import { type Pair, pairNotes, readForms, withPair } from './support/forms.js'
import { interleave } from './support/interleave.js'
import { isCompleted, type JobOutcome, runJob } from './support/job-client.js'
import { readUsage, readUsageOfAll } from './support/process-usage.js'
import type { Form } from './support/product.js'
import { type BenchReport, type Ratio, round } from './support/report.js'
import { median } from './support/statistics.js'

const fullSize = 2_000
const fullAtOnce = 50
const blocks = 4
const aim = 0.7

interface Speed {
  readonly perSecond: number
  /** Of the product's processes, or of the peer's worker. */
  readonly processorMsPerJob: number
}

interface Measured {
  readonly form: Form
  readonly product: Speed
  readonly bare: Speed
  readonly failed: number
  readonly lost: number
  readonly peers: Pair['peers']
}

/** Many jobs, so many at a time, against a bare workflow; every job must end completed and readable. */
export async function runThroughput(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: {
      jobs: { type: 'string', default: String(fullSize) },
      'at-once': { type: 'string', default: String(fullAtOnce) },
      form: { type: 'string', default: 'both' },
      profile: { type: 'string' },
    },
  })
  const atOnce = Number(values['at-once'])
  const perBlock = Math.max(1, Math.floor(Number(values.jobs) / blocks))
  const measured: Measured[] = []
  for (const form of await readForms(values.form))
    measured.push(await withPair(form, values.profile, (pair) => measure(pair, perBlock, atOnce)))
  const jobs = perBlock * blocks
  return {
    bench: 'throughput',
    table: [
      ['form', 'side', 'jobs/s', 'processor ms per job', 'failed', 'lost'],
      ...measured.flatMap(describe),
    ],
    notes: [
      `${jobs} jobs each, in ${blocks} blocks, ${atOnce} at a time; afterwards every job is read by GET /job-status and counts as lost unless it is completed with a result.`,
      "Processor time is that of the product's Node processes, or of the peer's worker; the Temporal server, PostgreSQL and the client are in neither.",
      ...pairNotes,
    ],
    ratios: measured.flatMap(compare),
    figures: Object.fromEntries(measured.flatMap(listFigures)),
    peers: Object.assign({}, ...measured.map(({ peers }) => peers)) as Record<string, string>,
    fullSize: jobs >= fullSize && atOnce === fullAtOnce && values.profile === undefined,
  }
}

async function measure(
  { form, product, bare, peers }: Pair,
  perBlock: number,
  atOnce: number,
): Promise<Measured> {
  const outcomes: JobOutcome[] = []
  const sides = await interleave(
    blocks,
    () =>
      runBlock(
        perBlock,
        atOnce,
        () => readUsageOfAll(product.pids).processorMs,
        async (turn) => {
          outcomes.push(await runJob(product, turn))
        },
      ),
    () =>
      runBlock(
        perBlock,
        atOnce,
        () => readUsage(bare.pid).processorMs,
        () => bare.run(),
      ),
  )
  let unreadable = 0
  for (const { id, end } of outcomes)
    if (end === 'completed' && !(await isCompleted(product, id))) unreadable++
  const count = (wanted: JobOutcome['end']) => outcomes.filter(({ end }) => end === wanted).length
  return {
    form,
    product: overBlocks(sides.first),
    bare: overBlocks(sides.second),
    failed: count('failed'),
    lost: count('lost') + unreadable + (perBlock * blocks - outcomes.length),
    peers,
  }
}

async function runBlock(
  jobs: number,
  atOnce: number,
  readProcessorMs: () => number,
  runOne: (turn: number) => Promise<unknown>,
): Promise<Speed> {
  let next = 0
  const lane = async () => {
    while (next < jobs) await runOne(next++)
  }
  const processorMs = readProcessorMs()
  const startedAtMs = performance.now()
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs) }, lane))
  const seconds = (performance.now() - startedAtMs) / 1000
  return {
    perSecond: jobs / seconds,
    processorMsPerJob: (readProcessorMs() - processorMs) / jobs,
  }
}

const overBlocks = (measured: readonly Speed[]): Speed => ({
  perSecond: median(measured.map(({ perSecond }) => perSecond)),
  processorMsPerJob: median(measured.map(({ processorMsPerJob }) => processorMsPerJob)),
})

function describe({ form, product, bare, failed, lost }: Measured): string[][] {
  const row = (side: string, speed: Speed, ...rest: string[]) => [
    form,
    side,
    speed.perSecond.toFixed(1),
    speed.processorMsPerJob.toFixed(1),
    ...rest,
  ]
  return [
    row('product', product, String(failed), String(lost)),
    row('bare workflow', bare, '–', '–'),
  ]
}

function compare({ form, product, bare, failed, lost }: Measured): Ratio[] {
  const speed = round(product.perSecond / bare.perSecond, 3)
  return [
    { name: `${form} jobs/s`, value: speed, op: '>=', aim },
    { name: `${form} failed`, value: failed, op: '<=', aim: 0 },
    { name: `${form} lost`, value: lost, op: '<=', aim: 0 },
  ]
}

function listFigures({ form, product, bare }: Measured): [string, number][] {
  return [
    [`${form} product jobs/s`, round(product.perSecond, 1)],
    [`${form} bare jobs/s`, round(bare.perSecond, 1)],
    [`${form} product processor ms per job`, round(product.processorMsPerJob, 2)],
    [`${form} bare processor ms per job`, round(bare.processorMsPerJob, 2)],
  ]
}
