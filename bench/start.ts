import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { packageRoot } from '../config/package.js'
import { freePort } from '../test/support/free-port.js'
import { findDataDirHolder } from '../commands/one-machine/data-dir-lock.js'
import { startChild } from './support/child.js'
import { installedVersion } from './support/package-version.js'
import { readUsage } from './support/process-usage.js'
import { isHealthy } from './support/product.js'
import { type BenchReport, round } from './support/report.js'
import { BenchSetUpError } from './support/set-up-error.js'
import { median } from './support/statistics.js'
import { endLeftServer, findTemporalCli } from './support/temporal.js'
import { type Later, withCleanup } from './support/with-cleanup.js'

const fullStarts = 5
const aims = { seconds: 8, residentMiB: 600, beyondInstallSeconds: 30 } as const
/** Idle: nobody has asked for anything for this long. */
const idleMs = 10_000

interface Started {
  readonly seconds: number
  readonly residentMiB: number
}

/** `npm start` with everything installed and built, until it is healthy; then its memory at rest. */
export async function runStart(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: { starts: { type: 'string', default: String(fullStarts) } },
  })
  const starts = Number(values.starts)
  if (!Number.isInteger(starts) || starts < 1) throw new BenchSetUpError('--starts is 1 or more.')
  await findTemporalCli()
  const { fresh, first, warm } = await withCleanup(async (later) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bench-data-'))
    later(() => rm(dataDir, { recursive: true, force: true }))
    later(() => endLeftServer(dataDir))
    const fresh = await measureFresh(later)
    const first = await measureStart(dataDir)
    const warm: Started[] = []
    for (let start = 0; start < starts; start++) warm.push(await measureStart(dataDir))
    return { fresh, first, warm }
  })
  const seconds = median(warm.map((started) => started.seconds))
  const residentMiB = median(warm.map((started) => started.residentMiB))
  return {
    bench: 'start',
    table: [
      ['start', 'seconds to health 200', 'resident MiB at rest'],
      ['npm install alone', fresh.installSeconds.toFixed(2), '–'],
      ['in a fresh clone', fresh.started.seconds.toFixed(2), fresh.started.residentMiB.toFixed(0)],
      ['built, empty DATA_DIR', first.seconds.toFixed(2), first.residentMiB.toFixed(0)],
      [`warm, median of ${starts}`, seconds.toFixed(2), residentMiB.toFixed(0)],
    ],
    notes: [
      'In a fresh clone `npm start` installs (with npm’s cache filled, as the install alone has it), compiles, builds, fits the model, and fetches the Temporal server into an empty folder; floor: npm’s install with the same options in the same run.',
      'Others: `npm start` with dependencies installed and everything built, from its call to the first 200 of GET /health; warm: DATA_DIR holds the database and the Temporal state of an earlier start.',
      `Memory is that of the Node process (API, gateway, workers, PGlite), ${idleMs / 1000} s after that answer; the Temporal server is a process of its own and not in it.`,
    ],
    ratios: [
      {
        name: 'fresh clone, seconds beyond npm install',
        value: round(fresh.started.seconds - fresh.installSeconds, 1),
        op: '<=',
        aim: aims.beyondInstallSeconds,
      },
      { name: 'warm start, seconds', value: round(seconds, 2), op: '<=', aim: aims.seconds },
      { name: 'resident MiB', value: round(residentMiB, 0), op: '<=', aim: aims.residentMiB },
    ],
    figures: {
      'fresh clone seconds': round(fresh.started.seconds, 1),
      'npm install seconds': round(fresh.installSeconds, 1),
      'first start seconds': round(first.seconds, 2),
      'warm start seconds': round(seconds, 2),
      'slowest warm start seconds': round(Math.max(...warm.map((started) => started.seconds)), 2),
      'resident MiB': round(residentMiB, 0),
    },
    peers: { PGlite: installedVersion('@electric-sql/pglite') },
    fullSize: starts >= fullStarts,
  }
}

/** What a clone has not. */
const notCloned = /^(node_modules|dist.*|data|coverage|\.git|\.cache|\.uws|\.env)$/
const installOptions = ['--no-save', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund']

/** As a user does it who has just cloned the repository. */
async function measureFresh(later: Later): Promise<{ installSeconds: number; started: Started }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-fresh-'))
  later(() => rm(folder, { recursive: true, force: true }))
  const clone = async (name: string) => {
    const root = join(folder, name)
    await cp(packageRoot, root, {
      recursive: true,
      filter: (path) => !notCloned.test(relative(packageRoot, path).split(sep)[0] ?? ''),
    })
    return root
  }
  const install = async (name: string) => {
    const startedAtMs = performance.now()
    const cwd = await clone(name)
    const npm = startChild({
      name: 'npm',
      program: 'npm',
      args: ['install', ...installOptions],
      cwd,
    })
    if ((await npm.ended) !== 0) throw new BenchSetUpError(`npm install failed: ${npm.output()}`)
    return (performance.now() - startedAtMs) / 1000
  }
  await install('fills-the-cache')
  const installSeconds = await install('install')
  const dataDir = join(folder, 'data')
  later(() => endLeftServer(dataDir))
  const started = await measureStart(dataDir, {
    root: await clone('start'),
    env: { XDG_CACHE_HOME: join(folder, 'cache') },
  })
  return { installSeconds, started }
}

interface Place {
  readonly root: string
  readonly env: Readonly<Record<string, string>>
}

async function measureStart(
  dataDir: string,
  { root, env }: Place = { root: packageRoot, env: {} },
): Promise<Started> {
  const [port, temporalPort, uiPort] = [await freePort(), await freePort(), await freePort()]
  return await withCleanup(async (later) => {
    const startedAtMs = performance.now()
    const npm = startChild({
      name: 'npm start',
      program: 'npm',
      args: ['start'],
      cwd: root,
      env: {
        ...env,
        DATA_DIR: dataDir,
        PORT: String(port),
        TEMPORAL_PORT: String(temporalPort),
        TEMPORAL_UI_PORT: String(uiPort),
      },
    })
    later(() => npm.stop())
    await npm.waitFor('healthy', () => isHealthy(`http://127.0.0.1:${port}`), 300_000)
    const seconds = (performance.now() - startedAtMs) / 1000
    const product = await findDataDirHolder(dataDir)
    if (product === undefined)
      throw new Error('No process holds the DATA_DIR that was just started on.')
    await delay(idleMs)
    return { seconds, residentMiB: readUsage(product.pid).residentBytes / 1024 / 1024 }
  })
}
