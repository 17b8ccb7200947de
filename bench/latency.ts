import { parseArgs } from 'node:util'
import { type Pair, pairNotes, readForms, withPair } from './support/forms.js'
import { interleave } from './support/interleave.js'
import { runJob } from './support/job-client.js'
import type { Form } from './support/product.js'
import { type BenchReport, type Ratio, round } from './support/report.js'
import { median, percentile } from './support/statistics.js'

const fullSize = 200
const blocks = 4
const aims = { p50: 1.5, p95: 2 } as const

interface Percentiles {
  readonly p50: number
  readonly p95: number
}

interface Measured {
  readonly form: Form
  readonly product: Percentiles
  readonly bare: Percentiles
  readonly events: Pair['events']
  readonly peers: Pair['peers']
}

/** POST to the final frame on the socket, one job at a time, against a bare workflow. */
export async function runLatency(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: {
      jobs: { type: 'string', default: String(fullSize) },
      form: { type: 'string', default: 'both' },
      profile: { type: 'string' },
    },
  })
  const perBlock = Math.max(1, Math.floor(Number(values.jobs) / blocks))
  const measured: Measured[] = []
  for (const form of await readForms(values.form))
    measured.push(await withPair(form, values.profile, (pair) => measure(pair, perBlock)))
  return {
    bench: 'latency',
    table: [
      ['form', 'side', 'p50 ms', 'p95 ms', 'events in history'],
      ...measured.flatMap(describe),
    ],
    notes: [`${perBlock * blocks} jobs each, in ${blocks} blocks, one at a time.`, ...pairNotes],
    ratios: measured.flatMap(compare),
    figures: Object.fromEntries(measured.flatMap(listFigures)),
    peers: Object.assign({}, ...measured.map(({ peers }) => peers)) as Record<string, string>,
    fullSize: perBlock * blocks >= fullSize && values.profile === undefined,
  }
}

async function measure(
  { form, product, bare, events, peers }: Pair,
  perBlock: number,
): Promise<Measured> {
  const sides = await interleave(
    blocks,
    () =>
      runBlock(perBlock, async (turn) => {
        const job = await runJob(product, turn)
        if (job.end !== 'completed') throw new Error(`A job ended ${job.end}.`)
        return job.durationMs
      }),
    () => runBlock(perBlock, async () => (await bare.run()).durationMs),
  )
  return { form, product: overBlocks(sides.first), bare: overBlocks(sides.second), events, peers }
}

async function runBlock(
  jobs: number,
  runOne: (turn: number) => Promise<number>,
): Promise<Percentiles> {
  const durationsMs: number[] = []
  for (let turn = 0; turn < jobs; turn++) durationsMs.push(await runOne(turn))
  return { p50: percentile(durationsMs, 0.5), p95: percentile(durationsMs, 0.95) }
}

const overBlocks = (measured: readonly Percentiles[]): Percentiles => ({
  p50: median(measured.map(({ p50 }) => p50)),
  p95: median(measured.map(({ p95 }) => p95)),
})

function describe({ form, product, bare, events }: Measured): string[][] {
  const row = (side: string, { p50, p95 }: Percentiles, count: number) => [
    form,
    side,
    p50.toFixed(1),
    p95.toFixed(1),
    String(count),
  ]
  return [row('product', product, events.product), row('bare workflow', bare, events.bare)]
}

function compare({ form, product, bare }: Measured): Ratio[] {
  return (['p50', 'p95'] as const).map((name) => ({
    name: `${form} ${name}`,
    value: round(product[name] / bare[name], 3),
    op: '<=',
    aim: aims[name],
  }))
}

function listFigures({ form, product, bare, events }: Measured): [string, number][] {
  return [
    [`${form} product p50 ms`, round(product.p50, 2)],
    [`${form} product p95 ms`, round(product.p95, 2)],
    [`${form} bare p50 ms`, round(bare.p50, 2)],
    [`${form} bare p95 ms`, round(bare.p95, 2)],
    [`${form} product events`, events.product],
    [`${form} bare events`, events.bare],
  ]
}
