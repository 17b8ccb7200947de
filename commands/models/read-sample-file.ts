import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { checkSamples } from '../../engine/samples/check-samples.js'
import { type LabelledSample, parseSamples } from '../../engine/samples.js'
import type { Task } from '../../engine/tasks.js'
import { decodeCharacters } from '../../services/extraction/decode-text.js'
import { NotTextError } from '../../services/extraction/not-text-error.js'

/** So much is read into the memory at most. */
const largestMb = 200

/** Reads labelled samples, whatever their charset. @throws Error that names the file, or `file:line`, and says what to do */
export async function readSampleFile(path: string): Promise<readonly LabelledSample[]> {
  const name = basename(path)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() !== true)
    throw new Error(`${path} is not there: give the path of a .jsonl or .csv file.`)
  if (found.size > largestMb * 1_000_000)
    throw new Error(`${name}: more than ${largestMb} MB: take a part of it.`)
  return parseSamples(name, decode(name, await readFile(path)))
}

function decode(name: string, bytes: Buffer): string {
  try {
    return decodeCharacters(bytes)
  } catch (error) {
    if (!(error instanceof NotTextError)) throw error
    throw new Error(`${name}: not text: save it as .csv or .jsonl in UTF-8.`)
  }
}

/** Tells the warnings. @throws Error with a sentence a line where nothing can be learned */
export function assertLearnable(
  task: Task,
  samples: readonly LabelledSample[],
  tell: (line: string) => void,
): void {
  const { problems, warnings } = checkSamples(task, samples)
  for (const warning of warnings) tell(`Mind: ${warning}`)
  if (problems.length > 0) throw new Error(problems.join('\n'))
}
