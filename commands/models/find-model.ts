import { readFile } from 'node:fs/promises'
import type { JudgedRow } from '../../activities/classification/evaluation/judged-row.js'
import type { LabelledSample } from '../../activities/classification/samples.js'
import type { Task } from '../../activities/classification/tasks.js'
import type { ModelBytes, ModelDesk, Watch } from './model-bench.js'

/**
 * Finds a model by what a person calls it: `current`, `default`, the id of a stored one, or the path of a file.
 * @throws Error that says what there is none of
 */
export async function findModel(
  desk: Pick<ModelDesk, 'store' | 'readDefault'>,
  task: Task,
  name: string,
): Promise<ModelBytes> {
  if (name === 'default') return await findDefault(desk, task)
  if (name === 'current') return (await findCurrent(desk, task)) ?? (await findDefault(desk, task))
  if (/^\d+$/u.test(name)) return await findStored(desk, task, Number(name))
  const bytes = await readFile(name).catch(() => undefined)
  if (bytes === undefined)
    throw new Error(
      `${name} is no model: say current, default, a model’s id or the path of a file.`,
    )
  return { name, bytes }
}

/** undefined where the task has no model yet. */
export async function findCurrent(
  desk: Pick<ModelDesk, 'store' | 'readDefault'>,
  task: Task,
): Promise<ModelBytes | undefined> {
  const current = await (await desk.store()).current(task)
  if (current !== undefined)
    return {
      name: current.id === null ? 'the default model' : `model ${current.id}`,
      bytes: current.bytes,
    }
  const bytes = await desk.readDefault(task)
  return bytes && { name: 'the default model', bytes }
}

async function findDefault(desk: Pick<ModelDesk, 'readDefault'>, task: Task): Promise<ModelBytes> {
  const bytes = await desk.readDefault(task)
  if (bytes === undefined)
    throw new Error(`No model for ${task} ships: train one with triagem train ${task} FILE.`)
  return { name: 'the default model', bytes }
}

async function findStored(
  desk: Pick<ModelDesk, 'store'>,
  task: Task,
  id: number,
): Promise<ModelBytes> {
  const found = await (await desk.store()).find(id)
  if (found === undefined) throw new Error(`There is no model ${id}: GET /models lists them.`)
  if (found.task !== task) throw new Error(`Model ${id} is for ${found.task}, not for ${task}.`)
  return { name: `model ${id}`, bytes: found.bytes }
}

/** Lets a model judge samples whose truth is known. */
export async function judge(
  desk: Pick<ModelDesk, 'bench'>,
  model: ModelBytes,
  samples: readonly LabelledSample[],
  watch: Watch,
): Promise<readonly JudgedRow[]> {
  const judgements = await desk.bench.predict(model, samples, watch)
  return samples.map(({ label: truth, language = '' }, at) => {
    const judgement = judgements[at]
    if (judgement === undefined) throw new Error(`${model.name} judged too few rows.`)
    const { label: predicted, confidence, needsReview } = judgement
    return { truth, predicted, confidence, needsReview, language }
  })
}
