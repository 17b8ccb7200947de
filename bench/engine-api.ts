import { parseArgs } from 'node:util'
import { loadEmbedding } from '../engine/embedding/embedding.js'
import { openBatchRunner } from './engine-api/batch-runner.js'
import { postSteadily } from './engine-api/post-steadily.js'
import { storeBatches } from './engine-api/store-batches.js'
import { readBanking } from './research/engine/data/banking.js'
import { thin } from './research/engine/data/bench-row.js'
import { learn } from './research/engine/judge.js'
import { findSharedFolder } from './research/engine/shared-folder.js'
import { embeddingFolder } from '../engine/data-folders.js'
import { interleave } from './support/interleave.js'
import { installedVersion } from './support/package-version.js'
import { startProduct } from './support/product.js'
import { type BenchReport, round } from './support/report.js'
import { median, percentile } from './support/statistics.js'
import { readTemporalVersion } from './support/temporal.js'
import { withCleanup } from './support/with-cleanup.js'

const full = { rows: 100_000, rounds: 3 } as const
const aim = 2
const postsOfIdleBlock = 150
const postsOfWarmUp = 50
/** Enough examples where the bench is only tried. */
const trialExamples = 1_000

interface Block {
  readonly postsMs: readonly number[]
  readonly rowsPerSecond: number
}

/** Compares POST /classify-email beside a batch, which the pool in the API's process classifies, with POST alone. */
export async function runEngineApi(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: 'string', default: String(full.rows) },
      rounds: { type: 'string', default: String(full.rounds) },
      shared: { type: 'string' },
      profile: { type: 'string' },
    },
  })
  const [rows, rounds] = [Number(values.rows), Number(values.rounds)]
  const texts = await readBanking(findSharedFolder(values.shared))
  const examples = thin(texts, rows < full.rows ? trialExamples : Infinity)
  console.log(`Learning a model of ${examples.length} texts…`)
  const learned = learn('banking77', 'texts', examples, await loadEmbedding(embeddingFolder))
  return await withCleanup(async (later) => {
    let [batchIds, encryptionKey]: [readonly string[], string] = [[], '']
    console.log('Starting the product (one-machine)…')
    const product = await startProduct(
      'one-machine',
      {
        profileFolder: values.profile,
        prepare: async (settings) => {
          batchIds = await storeBatches(settings, learned, { rows, count: rounds, texts })
          encryptionKey = settings.ENC_KEY
        },
      },
      later,
    )
    const runBatch = await openBatchRunner(product, encryptionKey, later)
    await postSteadily(product.url, (posted) => posted >= postsOfWarmUp)
    const sides = await interleave(
      rounds,
      () => postSteadily(product.url, (posted) => posted >= postsOfIdleBlock),
      (turn) => measureBusy(product.url, rows, () => runBatch(batchIds[turn] ?? '')),
    )
    const peers = {
      'Temporal server': await readTemporalVersion(product.temporalAddress),
      PGlite: installedVersion('@electric-sql/pglite'),
    }
    const fullSize = rows >= full.rows && rounds >= full.rounds && values.profile === undefined
    return report(sides.first, sides.second, { rows, rounds, peers, fullSize })
  })
}

/** Posts from the batch's start to its end. */
async function measureBusy(
  url: string,
  rows: number,
  runBatch: () => Promise<void>,
): Promise<Block> {
  const startedAtMs = performance.now()
  let seconds: number | undefined
  const batch = runBatch().finally(() => (seconds = (performance.now() - startedAtMs) / 1000))
  const postsMs = await postSteadily(url, () => seconds !== undefined)
  await batch
  return { postsMs, rowsPerSecond: rows / (seconds ?? NaN) }
}

interface Size extends Pick<BenchReport, 'peers' | 'fullSize'> {
  readonly rows: number
  readonly rounds: number
}

function report(
  idle: readonly (readonly number[])[],
  busy: readonly Block[],
  { rows, rounds, peers, fullSize }: Size,
): BenchReport {
  const overBlocks = (blocks: readonly (readonly number[])[]) => ({
    p50: median(blocks.map((postsMs) => percentile(postsMs, 0.5))),
    p95: median(blocks.map((postsMs) => percentile(postsMs, 0.95))),
    posts: blocks.flat().length,
  })
  const alone = overBlocks(idle)
  const beside = overBlocks(busy.map(({ postsMs }) => postsMs))
  const rowsPerSecond = median(busy.map((block) => block.rowsPerSecond))
  const row = (name: string, { p50, p95, posts }: typeof alone) => [
    name,
    String(posts),
    p50.toFixed(1),
    p95.toFixed(1),
  ]
  return {
    bench: 'engine-api',
    table: [
      ['POST /classify-email', 'posts', 'p50 ms', 'p95 ms'],
      row('idle', alone),
      row('beside a batch', beside),
    ],
    notes: [
      `One-machine form (\`triagem start\`, PGlite): classifyBatch takes ${rows} short texts (banking77’s, a model of its 77 intents as \`triagem train\` makes it) through classifyChunk on \`bulk\`, ${rowsPerSecond.toFixed(0)} rows/s, in the pool of the API’s own process.`,
      `Ten POSTs a second, sent whether the last is answered or not; ${rounds} blocks of each in turn (A B A B) after ${postsOfWarmUp} POSTs that don’t count; each POST also starts its job. A figure is the median over the blocks.`,
    ],
    ratios: [
      { name: 'p95 beside a batch', value: round(beside.p95 / alone.p95, 3), op: '<=', aim },
    ],
    figures: {
      'idle p50 ms': round(alone.p50, 2),
      'idle p95 ms': round(alone.p95, 2),
      'beside a batch p50 ms': round(beside.p50, 2),
      'beside a batch p95 ms': round(beside.p95, 2),
      'batch rows/s': round(rowsPerSecond, 0),
    },
    peers,
    fullSize,
  }
}
