import type { Db } from '../../db/database.js'
import {
  addModel,
  findCurrentModel,
  findModel,
  findModelBytes,
  listModels,
  type ModelRow,
  ModelVersionTakenError,
  promoteModel,
  recordModelProblem,
  rollbackModel,
} from '../../db/models.js'
import { type ModelCard, modelCardSchema } from '../../engine/model/model-card.js'
import { ModelFileError, type ModelFlaw } from '../../engine/model/model-file.js'
import type { ModelBytes } from '../../engine/pool/share-model.js'
import { tasks } from '../../engine/tasks.js'
import { Refusal } from '../refusal.js'

/** Why a model file is not taken. */
export type ModelRefusalCode = `model_${ModelFlaw}` | 'model_version_taken'

/** A model as operators see it. */
export interface ModelState {
  /** null is the default that ships. */
  readonly id: number | null
  readonly task: string
  readonly version: string
  readonly createdAt: string
  readonly isCurrent: boolean
  /** How many it learned from. */
  readonly examples: number
  readonly labels: number
  /** Cross-validated; null where the card is another version's. */
  readonly quality: ModelCard['quality'] | null
  /** Why it could not be loaded. */
  readonly problem: string | null
}

/** What is current for a task from now on. */
export interface Promoted {
  readonly task: string
  readonly current: { readonly id: number | null; readonly version: string }
}

/** A model that was brought here as a file. */
export interface AddedModel {
  readonly id: number
  readonly task: string
  readonly version: string
}

export interface ModelService {
  /** Of each task the default that ships, then the stored ones in the order of their making. */
  list(): Promise<ModelState[]>
  /**
   * Stores a model file, to be promoted or not; the same bytes are the same model.
   *
   * @throws Refusal with a ModelRefusalCode; nothing is stored then
   */
  add(bytes: Buffer): Promise<AddedModel>
  /** The model file of a stored one. */
  findFile(id: number): Promise<{ readonly task: string; readonly bytes: Buffer } | undefined>
  promote(id: number, by: string): Promise<Promoted | 'missing' | 'unusable'>
  /** Makes current again what was so before this model was promoted. */
  rollback(id: number, by: string): Promise<Promoted | 'missing' | 'not_current' | 'nothing_before'>
}

export interface ModelServiceInput {
  readonly db: Db
  /** The cards of the defaults that ship. */
  readonly shipped: readonly ModelCard[]
  /** @throws ModelFileError */
  readonly readCard: (model: ModelBytes) => Promise<ModelCard>
  /** @throws Error where a model can't be read: it shall not be promoted, only to be refused by all */
  readonly check: (task: string, model: ModelBytes) => Promise<void>
}

export function createModelService({
  db,
  shipped,
  readCard,
  check,
}: ModelServiceInput): ModelService {
  const findShipped = (task: string) => shipped.find((card) => card.task === task)
  const describe = async (task: string): Promise<Promoted> => {
    const row = await findCurrentModel(db, task)
    const version = row?.version ?? findShipped(task)?.version ?? ''
    return { task, current: { id: row?.id ?? null, version } }
  }

  return {
    list: async () => {
      const rows = await listModels(db)
      const currents = await Promise.all(tasks.map((task) => findCurrentModel(db, task)))
      return tasks.flatMap((task, at) => {
        const id = currents[at]?.id ?? null
        const card = findShipped(task)
        return [
          ...(card === undefined ? [] : [stateOfShipped(card, id)]),
          ...rows.filter((row) => row.task === task).map((row) => stateOf(row, id)),
        ]
      })
    },

    add: async (bytes) => {
      try {
        const card = await readCard({ name: 'The model that was sent', bytes })
        const { task, version } = card
        return { id: await addModel(db, { task, version, card, bytes }), task, version }
      } catch (error) {
        throw toRefusal(error)
      }
    },

    findFile: async (id) => {
      const row = await findModel(db, id)
      const bytes = row && (await findModelBytes(db, id))
      return bytes && { task: row.task, bytes }
    },

    promote: async (id, by) => {
      const row = await findModel(db, id)
      if (row === undefined) return 'missing'
      const problem = await findProblem(db, row, check)
      await recordModelProblem(db, id, problem)
      if (problem !== null) return 'unusable'
      await promoteModel(db, { id, promotedBy: by })
      return await describe(row.task)
    },

    rollback: async (id, by) => {
      const outcome = await rollbackModel(
        db,
        { id, promotedBy: by },
        (task) => findShipped(task) !== undefined,
      )
      return typeof outcome === 'string' ? outcome : await describe(outcome.task)
    },
  }
}

function toRefusal(error: unknown): unknown {
  const refuse = (code: ModelRefusalCode) => new Refusal(code, { cause: error })
  if (error instanceof ModelFileError) return refuse(`model_${error.flaw}`)
  if (error instanceof ModelVersionTakenError) return refuse('model_version_taken')
  return error
}

async function findProblem(
  db: Db,
  { id, task, version }: ModelRow,
  check: ModelServiceInput['check'],
): Promise<string | null> {
  try {
    const bytes = (await findModelBytes(db, id)) ?? Buffer.of()
    await check(task, { name: `${task} ${version} (model ${id})`, bytes })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : 'It can not be read.'
  }
}

function stateOf(row: ModelRow, currentId: number | null): ModelState {
  const { data: card } = modelCardSchema.safeParse(row.card)
  return {
    id: row.id,
    task: row.task,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    isCurrent: row.id === currentId,
    examples: card?.examples ?? 0,
    labels: card?.labels.length ?? 0,
    quality: card?.quality ?? null,
    problem: row.problem,
  }
}

const stateOfShipped = (card: ModelCard, currentId: number | null): ModelState => ({
  id: null,
  task: card.task,
  version: card.version,
  createdAt: new Date(card.made).toISOString(),
  isCurrent: currentId === null,
  examples: card.examples,
  labels: card.labels.length,
  quality: card.quality,
  problem: null,
})
