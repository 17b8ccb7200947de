import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../../config/package.js'
import { BenchSetUpError } from '../../support/set-up-error.js'
import { type Predictor, startPredictor } from './predictor.js'

/** A Python that has scikit-learn. */
export interface Python {
  readonly program: string
  readonly scikitLearn: string
  /** Runs a program of bench/research/engine/, or any by its full path. @returns what it printed @throws with what it complained of */
  run(script: string, ...args: readonly string[]): Promise<string>
  /** Starts a program of bench/research/engine/ that predicts when it is asked to. */
  startPredictor(script: string, ...args: readonly string[]): Promise<Predictor>
}

const folder = join(packageRoot, 'bench', 'research', 'engine')
const venv = join(packageRoot, '.cache', 'bench-venv')
const maxOutput = 1 << 30
const execute = promisify(execFile)
/** Without this, Python would write its compiled files beside the sources. */
const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }

/** @param asked a program; where it lacks scikit-learn, a virtual environment made from it is used */
export async function openPython(asked = 'python3'): Promise<Python> {
  const version = await readVersion(asked)
  if (version !== undefined) return createPython(asked, version)
  const program = join(venv, 'bin', 'python')
  const kept = await readVersion(program)
  if (kept !== undefined) return createPython(program, kept)
  await makeVenv(asked).catch((error: unknown) => {
    const advice = 'install it, and name the Python that has it with --python PROGRAM'
    throw new BenchSetUpError(
      `scikit-learn, the peer, could not be had with ${asked}: ${advice}. ${String(error)}`,
    )
  })
  return createPython(program, (await readVersion(program)) ?? 'unknown')
}

function createPython(program: string, scikitLearn: string): Python {
  return {
    program,
    scikitLearn,
    run: async (script, ...args) => await run(program, [resolve(folder, script), ...args]),
    startPredictor: async (script, ...args) =>
      await startPredictor(program, [resolve(folder, script), ...args], environment),
  }
}

async function makeVenv(python: string): Promise<void> {
  console.log(`${python} has no scikit-learn: it is installed into ${venv}…`)
  await run(python, ['-m', 'venv', '--clear', venv])
  const requirements = join(folder, 'requirements.txt')
  await run(join(venv, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements])
}

async function readVersion(program: string): Promise<string | undefined> {
  const ask = 'import sklearn; print(sklearn.__version__)'
  return await run(program, ['-c', ask]).then(
    (printed) => printed.trim(),
    () => undefined,
  )
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const options = { maxBuffer: maxOutput, env: environment }
  const { stdout } = await execute(program, args, options)
  return stdout
}
