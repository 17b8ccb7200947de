import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createEmailClassifier, type EmailModels } from './classifier.js'
import { parseExamples, type EmailExample } from './examples.js'
import { measureHeldOut, type HeldOutReport } from './held-out-report.js'
import { learnEmailModels } from './learn-email-models.js'
import { encodeModel, modelFileName, type ModelFacts, type Task } from './model-file.js'

const tasks = ['category', 'topic', 'language'] as const satisfies readonly Task[]
const heldOutFile = 'email-heldout.jsonl'

export interface TrainEmailModelsInput {
  /** Holds `email-*.jsonl`; `email-heldout.jsonl` is never learned from. */
  readonly examplesFolder: string
  readonly modelsFolder: string
  readonly onProgress?: (message: string) => void
}

export interface TrainEmailModelsReport {
  readonly modelVersion: string
  readonly examples: number
  /** Cross-validated, for each task. */
  readonly quality: Readonly<Record<Task, ModelFacts['quality']>>
  /** The share of cross-validated mails that a person would be asked to look at. */
  readonly reviewShare: number
  /** Undefined where the folder has no held-out file. */
  readonly heldOut: HeldOutReport | undefined
}

/**
 * Learns the three models from the examples in a folder and writes them into another, each file whole
 * or not at all. The same examples give the same bytes.
 * @throws Error that names the file and line of a bad example, or says that there is none.
 */
export async function trainEmailModels(
  input: TrainEmailModelsInput,
): Promise<TrainEmailModelsReport> {
  const { examplesFolder, modelsFolder, onProgress = () => undefined } = input
  const names = (await readdir(examplesFolder)).filter((name) => /^email-.*\.jsonl$/u.test(name))
  const learned = names.filter((name) => name !== heldOutFile).toSorted()
  const contents = await Promise.all(learned.map((name) => readText(examplesFolder, name)))
  const examples = contents.flatMap((content, at) => parseExamples(learned[at] ?? '', content))
  if (examples.length === 0) throw new Error(`no examples (email-*.jsonl) in ${examplesFolder}`)

  const { models, reviewShare } = learnEmailModels(examples, hash(contents), onProgress)
  await saveModels(modelsFolder, models)
  const heldOut = names.includes(heldOutFile)
    ? parseExamples(heldOutFile, await readText(examplesFolder, heldOutFile))
    : undefined
  return {
    modelVersion: models.category.facts.modelVersion,
    examples: examples.length,
    quality: {
      category: models.category.facts.quality,
      topic: models.topic.facts.quality,
      language: models.language.facts.quality,
    },
    reviewShare,
    heldOut: heldOut && measure(models, heldOut),
  }
}

const measure = (models: EmailModels, examples: readonly EmailExample[]): HeldOutReport =>
  measureHeldOut(createEmailClassifier(models), examples)

const readText = (folder: string, name: string): Promise<string> =>
  readFile(join(folder, name), 'utf8')

const hash = (contents: readonly string[]): string =>
  createHash('sha256').update(contents.join('\n')).digest('hex')

/** Under another name first, so that nobody reads half a model. */
async function saveModels(folder: string, models: EmailModels): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const task of tasks) {
    const path = join(folder, modelFileName(task))
    await writeFile(`${path}.part`, encodeModel(models[task]))
    await rename(`${path}.part`, path)
  }
}
