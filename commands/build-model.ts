import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parentPort } from 'node:worker_threads'
import { modelsFolder } from '../services/models/shipped-models.js'
import { examplesFolder } from '../engine/data-folders.js'
import { fitDefaultEmailModel } from '../engine/default-email-model.js'
import { readMeasuredEmailModel } from '../engine/measured-email-model.js'
import { runTrain } from './train.js'

type Say = (line: string) => void

/** Says what the models were trained from: the same models come of it again. */
const noteFile = join(modelsFolder, '.trained-from')

/** Makes the models that ship, unless they are there; a thread's work. */
async function buildModel(say: Say): Promise<void> {
  const source = await hashTrainingSource()
  if ((await readFile(noteFile, 'utf8').catch(() => '')) === source) return
  const measured = await readMeasuredEmailModel()
  if (measured === undefined) {
    say('The examples or the engine have changed: measuring anew…')
    await runTrain(say)
  } else {
    await fitDefaultEmailModel(
      { examplesFolder, modelsFolder, onProgress: () => undefined },
      measured,
    )
  }
  await writeFile(noteFile, source)
}

/** Hashes the examples and the compiled engine: training takes a minute, and most builds change neither. */
async function hashTrainingSource(): Promise<string> {
  const engineFolder = fileURLToPath(new URL('../engine/', import.meta.url))
  const hash = createHash('sha256')
  for (const folder of [examplesFolder, engineFolder]) {
    const all = await readdir(folder, { recursive: true })
    const names = all.filter((name) => /\.(jsonl|js)$/.test(name)).sort()
    for (const name of names) hash.update(`${name}\0`).update(await readFile(join(folder, name)))
  }
  return hash.digest('hex')
}

await buildModel((line) => parentPort?.postMessage(line))
