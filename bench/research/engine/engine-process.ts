import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Task } from '../../../engine/tasks.js'
import { type Predictor, startPredictor } from './predictor.js'

/** The one thing that a process of its own does, so that its time and memory are those of that thing alone. */
export interface EngineWork {
  /** Loads what ships until it is ready. */
  readonly load: Work<{ readonly what: 'embedding' | 'mail model' }, { readonly loadMs: number }>
  /** One fit, from texts in memory to a model that is ready; no calibration, no evaluation. */
  readonly fit: Work<LearnWork, { readonly seconds: number; readonly peakMb: number }>
  /** All that `triagem train` does; the model is written into a file. */
  readonly learn: Work<
    LearnWork & { readonly modelFile: string },
    {
      readonly seconds: number
      readonly peakMb: number
      readonly modelMb: number
      readonly isDense: boolean
    }
  >
  /** Each text by itself, warm. */
  readonly predict: Work<PredictWork, PredictTimes>
  /** All texts for each line that comes in: see startEnginePredictor(). */
  readonly passes: Work<PredictWork, undefined>
}

interface Work<Input, Output> {
  readonly input: Input
  readonly output: Output
}

export interface LearnWork {
  readonly task: Task
  /** JSON lines of LabelledSample. */
  readonly samplesFile: string
  readonly takesDense: boolean
}

export interface PredictWork {
  readonly samplesFile: string
  readonly modelFile: string
  readonly takesDense: boolean
}

export interface PredictTimes {
  /** Of the first pass over the texts: rows a second. */
  readonly coldPerSecond: number
  /** Of a single text. */
  readonly p50Ms: number
  readonly p99Ms: number
}

const file = fileURLToPath(new URL('./engine-process-main.js', import.meta.url))
const execute = promisify(execFile)

/** Runs it and waits. @throws with what it complained of */
export async function askEngineProcess<Name extends keyof EngineWork>(
  name: Name,
  input: EngineWork[Name]['input'],
): Promise<EngineWork[Name]['output']> {
  const { stdout } = await execute(process.execPath, [file, name, JSON.stringify(input)])
  return JSON.parse(stdout) as EngineWork[Name]['output']
}

/** Starts one that predicts all texts each time it is asked to. */
export const startEnginePredictor = (input: PredictWork): Promise<Predictor> =>
  startPredictor(process.execPath, [file, 'passes', JSON.stringify(input)])
