import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { loadDefaultEmailClassifier } from '../../../engine/default-email-model.js'
import { type Embedding, loadEmbedding } from '../../../engine/embedding/embedding.js'
import { fit, prepare } from '../../../engine/learning/fit.js'
import { learnModel } from '../../../engine/learning/learn-model.js'
import { recipes } from '../../../engine/text/recipes.js'
import type { LabelledSample } from '../../../engine/samples.js'
import { findTargets } from '../../../engine/learning/targets.js'
import { decodeModel } from '../../../engine/model/text-model.js'
import { percentile } from '../../support/statistics.js'
import { embeddingFolder } from '../../../engine/data-folders.js'
import { modelsFolder } from './shipped-folders.js'
import type { EngineWork, PredictWork } from './engine-process.js'

type Workers = {
  readonly [Name in keyof EngineWork]: (
    input: EngineWork[Name]['input'],
  ) => Promise<EngineWork[Name]['output']>
}

const warmUps = 5

const workers: Workers = {
  load: async ({ what }) => {
    const startedAtMs = performance.now()
    if (what === 'embedding') await loadEmbedding(embeddingFolder)
    else await loadDefaultEmailClassifier(modelsFolder)
    return { loadMs: performance.now() - startedAtMs }
  },

  fit: async ({ task, samplesFile, takesDense }) => {
    const embedding = await openEmbedding(takesDense)
    const samples = readSamples(samplesFile)
    const recipe = recipes[task]
    const seconds = takeSeconds(() => {
      const texts = samples.map((sample) => prepare(task, sample, recipe, embedding))
      const { heads } = findTargets(task, samples)
      fit({ texts, heads, recipe, onProgress: () => undefined })
    })
    return { seconds, peakMb: peakMb() }
  },

  learn: async ({ task, samplesFile, takesDense, modelFile }) => {
    const embedding = await openEmbedding(takesDense)
    const samples = readSamples(samplesFile)
    const onProgress = () => undefined
    const input = { task, samples, embedding, onProgress, made: '2026-11-25', sources: [] }
    const startedAtMs = performance.now()
    const { bytes, card } = learnModel(input)
    const seconds = (performance.now() - startedAtMs) / 1000
    writeFileSync(modelFile, bytes)
    const isDense = card.embedding !== null
    return { seconds, peakMb: peakMb(), modelMb: bytes.length / 1e6, isDense }
  },

  predict: async (input) => {
    const { samples, predict } = await openPredictor(input)
    const coldPerSecond = samples.length / takeSeconds(() => samples.forEach(predict))
    for (let pass = 0; pass < warmUps; pass++) samples.forEach(predict)
    const timesMs = samples.map((sample) => takeSeconds(() => predict(sample)) * 1000)
    return {
      coldPerSecond,
      p50Ms: percentile(timesMs, 0.5),
      p99Ms: percentile(timesMs, 0.99),
    }
  },

  passes: async (input) => {
    const { samples, predict } = await openPredictor(input)
    console.log('ready')
    const asked = createInterface({ input: process.stdin })
    asked.on('line', () => {
      console.log(samples.length / takeSeconds(() => samples.forEach(predict)))
    })
    await once(asked, 'close')
    return undefined
  },
}

async function openPredictor({ samplesFile, modelFile, takesDense }: PredictWork) {
  const embedding = await openEmbedding(takesDense)
  const model = decodeModel(modelFile, readFileSync(modelFile), embedding)
  return {
    samples: readSamples(samplesFile),
    predict: (sample: LabelledSample) => void model.predict(sample),
  }
}

const openEmbedding = async (takesDense: boolean): Promise<Embedding | undefined> =>
  takesDense ? await loadEmbedding(embeddingFolder) : undefined

const readSamples = (path: string): readonly LabelledSample[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LabelledSample)

function takeSeconds(work: () => unknown): number {
  const startedAtMs = performance.now()
  work()
  return (performance.now() - startedAtMs) / 1000
}

/** In binary megabytes, as text_baseline.py counts them. */
const peakMb = (): number => process.resourceUsage().maxRSS / 1024

const [name = '', input = '{}'] = process.argv.slice(2)
const worker = Object.entries(workers).find(([known]) => known === name)?.[1]
if (worker === undefined) throw new Error(`No such work: ${name}.`)
const output = await worker(JSON.parse(input) as never)
if (output !== undefined) console.log(JSON.stringify(output))
