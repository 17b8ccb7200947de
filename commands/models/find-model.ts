import { readFile } from 'node:fs/promises'
import type { JudgedRow } from '../../engine/evaluation/judged-row.js'
import type { ModelBytes } from '../../engine/pool/share-model.js'
import type { LabelledSample } from '../../engine/samples.js'
import type { Task } from '../../engine/tasks.js'
import type { Watch, Workbench } from './workbench.js'

/**
 * Finds a model by what a person calls it: `current`, `default`, the id of a stored one, or the path of a file.
 * @throws Error that says what there is none of
 */
export async function findModel(
  bench: Pick<Workbench, 'store' | 'readDefault'>,
  task: Task,
  name: string,
): Promise<ModelBytes> {
  if (name === 'default') return await findDefault(bench, task)
  if (name === 'current')
    return (await findCurrent(bench, task)) ?? (await findDefault(bench, task))
  if (/^\d+$/u.test(name)) return await findStored(bench, task, Number(name))
  const bytes = await readFile(name).catch(() => undefined)
  if (bytes === undefined)
    throw new Error(
      `${name} is no model: say current, default, a model’s id or the path of a file.`,
    )
  return { name, bytes }
}

/** undefined where the task has no model yet. */
export async function findCurrent(
  bench: Pick<Workbench, 'store' | 'readDefault'>,
  task: Task,
): Promise<ModelBytes | undefined> {
  const current = await (await bench.store()).current(task)
  if (current !== undefined)
    return {
      name: `model ${current.id}`,
      bytes: current.bytes,
    }
  const bytes = await bench.readDefault(task)
  return bytes && { name: 'the default model', bytes }
}

async function findDefault(bench: Pick<Workbench, 'readDefault'>, task: Task): Promise<ModelBytes> {
  const bytes = await bench.readDefault(task)
  if (bytes === undefined)
    throw new Error(`No model for ${task} ships: train one with triagem train ${task} FILE.`)
  return { name: 'the default model', bytes }
}

async function findStored(
  bench: Pick<Workbench, 'store'>,
  task: Task,
  id: number,
): Promise<ModelBytes> {
  const found = await (await bench.store()).find(id)
  if (found === undefined) throw new Error(`There is no model ${id}: GET /models lists them.`)
  if (found.task !== task) throw new Error(`Model ${id} is for ${found.task}, not for ${task}.`)
  return { name: `model ${id}`, bytes: found.bytes }
}

/** Lets a model judge samples whose truth is known. */
export async function judge(
  bench: Pick<Workbench, 'pool'>,
  model: ModelBytes,
  samples: readonly LabelledSample[],
  watch: Watch,
): Promise<readonly JudgedRow[]> {
  const judgements = await bench.pool.predict(model, samples, watch)
  return samples.map(({ label: truth, language = '' }, at) => {
    const judgement = judgements[at]
    if (judgement === undefined) throw new Error(`${model.name} could not judge row ${at + 1}.`)
    const { label: predicted, confidence, needsReview } = judgement
    return { truth, predicted, confidence, needsReview, language }
  })
}
