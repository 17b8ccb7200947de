import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeEmailClassifier, type EmailClassifier } from './classifier.js'
import { parseExamples, type EmailExample } from './examples.js'
import { measureHeldOut, type HeldOutReport } from './held-out-report.js'
import { fitMeasuredModel, learnModel, type Measured } from './learning/learn-model.js'
import type { ModelCard } from './model/model-card.js'
import { decodeModelFile } from './model/model-file.js'
import type { LabelledSample } from './samples.js'

/** The file name of the mail model that ships. */
export const defaultEmailModelFile = 'email.model'

/** When the examples were last changed. It is a part of the model's bytes, so it is not the present time. */
const made = '2026-11-28'
const sources = [{ name: 'Triagem: engine/data/examples', licence: 'MIT' }]

export interface TrainDefaultInput {
  /** Holds `email-*.jsonl`; `email-heldout*.jsonl` are never learned from. */
  readonly examplesFolder: string
  readonly modelsFolder: string
  readonly onProgress: (message: string, share: number) => void
}

export interface TrainDefaultReport {
  readonly card: ModelCard
  readonly measured: Measured
  /** Undefined where the folder has no held-out file. */
  readonly heldOut: HeldOutReport | undefined
}

/**
 * Learns the mail model that ships from the examples in a folder and writes it into another, whole or not at
 * all. The same examples give the same bytes.
 * @throws Error that names the file and line of a bad example, or says that there is none
 */
export async function trainDefaultEmailModel(
  input: TrainDefaultInput,
): Promise<TrainDefaultReport> {
  const { learned, heldOut } = await readLearnable(input.examplesFolder)
  const { bytes, card } = learnModel({
    ...describeDefault(learned, input.onProgress),
    embedding: undefined,
  })
  const classifier = decodeEmailClassifier(defaultEmailModelFile, bytes)
  await saveModel(input.modelsFolder, bytes)
  const { calibration } = decodeModelFile(defaultEmailModelFile, bytes)
  return {
    card,
    measured: { calibration, quality: card.quality },
    heldOut: heldOut.length === 0 ? undefined : measureHeldOut(classifier, heldOut),
  }
}

/**
 * Writes the same bytes, from what an earlier training measured: see measured-email-model.ts.
 * @throws as trainDefaultEmailModel()
 */
export async function fitDefaultEmailModel(
  input: TrainDefaultInput,
  measured: Measured,
): Promise<void> {
  const { learned } = await readLearnable(input.examplesFolder)
  const { bytes } = fitMeasuredModel(describeDefault(learned, input.onProgress), measured)
  await saveModel(input.modelsFolder, bytes)
}

async function readLearnable(examplesFolder: string): Promise<ShippedExamples> {
  const shipped = await readShippedExamples(examplesFolder)
  if (shipped.learned.length > 0) return shipped
  throw new Error(`no examples (email-*.jsonl) in ${examplesFolder}`)
}

const describeDefault = (
  learned: readonly EmailExample[],
  onProgress: TrainDefaultInput['onProgress'],
) => ({ task: 'email' as const, samples: learned.map(toSample), onProgress, made, sources })

/** The mails to learn from and the held-out mails, in the order of their files. */
export interface ShippedExamples {
  readonly learned: readonly EmailExample[]
  readonly heldOut: readonly EmailExample[]
}

/** Reads the examples of a folder. @throws Error that names the file and line of a bad one */
export async function readShippedExamples(folder: string): Promise<ShippedExamples> {
  const names = (await readdir(folder)).filter((name) => /^email-.*\.jsonl$/u.test(name)).toSorted()
  const files = await Promise.all(
    names.map(async (name) => ({
      isHeldOut: name.startsWith('email-heldout'),
      examples: parseExamples(name, await readFile(join(folder, name), 'utf8')),
    })),
  )
  const of = (isHeldOut: boolean) =>
    files.filter((file) => file.isHeldOut === isHeldOut).flatMap(({ examples }) => examples)
  return { learned: of(false), heldOut: of(true) }
}

/** An example as the engine learns it. */
export function toSample({ text, category, topic, language }: EmailExample): LabelledSample {
  return { text, label: category, topic, language }
}

/** Writes under another name first, so that nobody reads half a model. */
async function saveModel(folder: string, bytes: Buffer): Promise<void> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, defaultEmailModelFile)
  await writeFile(`${path}.part`, bytes)
  await rename(`${path}.part`, path)
}

/**
 * Reads the mail model that ships.
 * @throws Error that names the file that is missing, damaged or of another version
 */
export async function loadDefaultEmailClassifier(folder: string): Promise<EmailClassifier> {
  const bytes = await readFile(join(folder, defaultEmailModelFile))
  return decodeEmailClassifier(defaultEmailModelFile, bytes)
}
