import { createInterface } from 'node:readline'
import { createInterface as createPrompt } from 'node:readline/promises'
import { Writable } from 'node:stream'

/**
 * Reads a password from standard input: its first line, or what a person types, which isn't shown. Never an
 * argument: every user of the machine can read those.
 *
 * @returns '' where there is none
 * @throws where the person breaks off
 */
export async function readPassword(question: string): Promise<string> {
  return process.stdin.isTTY ? await ask(question) : await readFirstLine()
}

async function readFirstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })
  for await (const line of lines) return line
  return ''
}

async function ask(question: string): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const prompt = createPrompt({ input: process.stdin, output: unseen, terminal: true })
  const breakOff = new AbortController()
  prompt.once('SIGINT', () => breakOff.abort())
  process.stderr.write(question)
  try {
    return await prompt.question('', { signal: breakOff.signal })
  } catch {
    throw new Error('Nothing was changed.')
  } finally {
    prompt.close()
    process.stderr.write('\n')
  }
}
