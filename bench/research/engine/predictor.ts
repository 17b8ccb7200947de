import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A process that has learned, and predicts all its rows each time it is asked to. */
export interface Predictor {
  /** One pass. @returns rows a second */
  pass(): Promise<number>
  end(): void
}

/** Starts a program that says "ready", and then, for each line it is sent, a figure. @throws with what it said else */
export async function startPredictor(
  program: string,
  args: readonly string[],
  env = process.env,
): Promise<Predictor> {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]() as AsyncIterator<
    string,
    undefined
  >
  const read = async () => {
    const { value } = await lines.next()
    if (value === undefined) throw new Error(`${program} ${args.join(' ')} ended: ${complaint}`)
    return value
  }
  const ready = await read()
  if (ready !== 'ready') throw new Error(`${program} ${args.join(' ')}: ${ready}`)
  return {
    pass: async () => {
      child.stdin.write('\n')
      return Number(await read())
    },
    end: () => void child.stdin.end(),
  }
}
