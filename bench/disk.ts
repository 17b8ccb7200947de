import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { asOperator } from '../test/support/processes.js'
import { runJob } from './support/job-client.js'
import { installedVersion } from './support/package-version.js'
import { type RunningProduct, startProduct } from './support/product.js'
import { type BenchReport, round } from './support/report.js'
import { withCleanup } from './support/with-cleanup.js'

const fullJobs = 20_000
const atOnce = 50
const looks = 5
/** Days: a minute and a half, so that what ended goes while the bench runs. */
const keepDays = 0.001
const keepMs = keepDays * 86_400_000
const aim = 1.25
const mib = 1024 ** 2

interface Sizes {
  readonly tables: number
  readonly log: number
  readonly temporal: number
}

/** A soak: jobs come and go, and what they take on the disk stops growing. */
export async function runDisk(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: { jobs: { type: 'string', default: String(fullJobs) } },
  })
  const jobs = Number(values.jobs)
  const measured = await withCleanup(async (later) => {
    let dataDir = ''
    const product = await startProduct(
      'one-machine',
      {
        profileFolder: undefined,
        prepare: ({ DATA_DIR }) => Promise.resolve(void (dataDir = DATA_DIR)),
        env: { KEEP_JOBS_DAYS: String(keepDays) },
      },
      later,
    )
    const sizes: Sizes[] = []
    for (let look = 0; look < looks; look++) {
      await soak(product, jobs / looks)
      await clear(product, dataDir)
      sizes.push(await measure(dataDir))
    }
    return sizes
  })
  const total = ({ tables, log, temporal }: Sizes) => tables + log + temporal
  const [middle, last] = [measured[Math.floor(looks / 2)], measured.at(-1)]
  const growth = middle === undefined || last === undefined ? NaN : total(last) / total(middle)
  return {
    bench: 'disk',
    table: [
      ['jobs so far', 'tables MiB', 'log MiB', 'Temporal MiB', 'together MiB'],
      ...measured.map((sizes, look) => [
        String(Math.round((jobs / looks) * (look + 1))),
        ...[sizes.tables, sizes.log, sizes.temporal, total(sizes)].map((bytes) =>
          (bytes / mib).toFixed(0),
        ),
      ]),
    ],
    notes: [
      `One-machine form, KEEP_JOBS_DAYS=${keepDays} (${keepMs / 1_000} s), ${atOnce} jobs at a time. After each fifth it waits until that time has passed, lets keep-house run by POST /schedules/keep-house, and looks.`,
      'Floor: its own size in the middle of the soak.',
    ],
    ratios: [{ name: 'size, end to middle', value: round(growth, 2), op: '<=', aim }],
    figures: last === undefined ? {} : { 'MiB at the end': round(total(last) / mib, 0) },
    peers: { PGlite: installedVersion('@electric-sql/pglite') },
    fullSize: jobs >= fullJobs,
  }
}

async function soak(product: RunningProduct, jobs: number): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < jobs) await runJob(product, next++)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

/** Twice: what the first lets the Temporal server delete is deleted at its own pace. */
async function clear({ url }: RunningProduct, dataDir: string): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await delay(keepMs / 2 + 5_000)
    await fetch(`${url}/schedules/keep-house`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await asOperator(dataDir)) },
      body: '{"action":"run"}',
    })
  }
  await delay(30_000)
}

async function measure(dataDir: string): Promise<Sizes> {
  const log = await sizeOf(join(dataDir, 'postgres', 'pg_wal'))
  return {
    tables: (await sizeOf(join(dataDir, 'postgres'))) - log,
    log,
    temporal: await sizeOf(join(dataDir, 'temporal')),
  }
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const sizes = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined)
      return found?.isFile() === true ? found.size : 0
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
