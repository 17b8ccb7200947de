import { readFile } from 'node:fs/promises'
import type { JudgedRow } from '../../engine/evaluation/judged-row.js'
import type { ModelBytes } from '../../engine/pool/share-model.js'
import type { LabelledSample } from '../../engine/samples.js'
import type { Task } from '../../engine/tasks.js'
import type { Watch, ModelTools } from './model-tools.js'

/**
 * Finds a model by what a person calls it: `current`, `default`, the id of a stored one, or the path of a file.
 * @throws Error that says what there is none of
 */
export async function findModel(
  tools: Pick<ModelTools, 'store' | 'readDefault'>,
  task: Task,
  name: string,
): Promise<ModelBytes> {
  if (name === 'default') return await findDefault(tools, task)
  if (name === 'current')
    return (await findCurrent(tools, task)) ?? (await findDefault(tools, task))
  if (/^\d+$/u.test(name)) return await findStored(tools, task, Number(name))
  const bytes = await readFile(name).catch(() => undefined)
  if (bytes === undefined)
    throw new Error(
      `${name} is no model: say current, default, a model’s id or the path of a file.`,
    )
  return { name, bytes }
}

/** undefined where the task has no model yet. */
export async function findCurrent(
  tools: Pick<ModelTools, 'store' | 'readDefault'>,
  task: Task,
): Promise<ModelBytes | undefined> {
  const current = await (await tools.store()).current(task)
  if (current !== undefined)
    return {
      name: `model ${current.id}`,
      bytes: current.bytes,
    }
  const bytes = await tools.readDefault(task)
  return bytes && { name: 'the default model', bytes }
}

async function findDefault(
  tools: Pick<ModelTools, 'readDefault'>,
  task: Task,
): Promise<ModelBytes> {
  const bytes = await tools.readDefault(task)
  if (bytes === undefined)
    throw new Error(`No model for ${task} ships: train one with triagem train ${task} FILE.`)
  return { name: 'the default model', bytes }
}

async function findStored(
  tools: Pick<ModelTools, 'store'>,
  task: Task,
  id: number,
): Promise<ModelBytes> {
  const found = await (await tools.store()).find(id)
  if (found === undefined) throw new Error(`There is no model ${id}: GET /models lists them.`)
  if (found.task !== task) throw new Error(`Model ${id} is for ${found.task}, not for ${task}.`)
  return { name: `model ${id}`, bytes: found.bytes }
}

/** Lets a model judge samples whose truth is known. */
export async function judge(
  tools: Pick<ModelTools, 'pool'>,
  model: ModelBytes,
  samples: readonly LabelledSample[],
  watch: Watch,
): Promise<readonly JudgedRow[]> {
  const judgements = await tools.pool.predict(model, samples, watch)
  return samples.map(({ label: truth, language = '' }, at) => {
    const judgement = judgements[at]
    if (judgement === undefined) throw new Error(`${model.name} could not judge row ${at + 1}.`)
    const { label: predicted, confidence, needsReview } = judgement
    return { truth, predicted, confidence, needsReview, language }
  })
}
