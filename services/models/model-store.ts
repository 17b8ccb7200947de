import type { Db } from '../../db/database.js'
import {
  addModel,
  findCurrentModel,
  findModel,
  findModelBytes,
  promoteModel,
} from '../../db/models.js'
import type { ModelCard } from '../../engine/model/model-card.js'
import { type Task, tasks } from '../../engine/tasks.js'

/** Where models are kept; which one is current is the database's word. */
export interface ModelStore {
  /** The same bytes are the same model. @throws ModelVersionTakenError */
  add(model: {
    readonly task: Task
    readonly version: string
    readonly card: ModelCard
    readonly bytes: Buffer
  }): Promise<{ readonly id: number }>
  /** @throws Error where there is no such model */
  promote(id: number): Promise<void>
  /** @returns undefined where the default that ships is current, or there is none */
  current(
    task: Task,
  ): Promise<{ readonly id: number; readonly version: string; readonly bytes: Buffer } | undefined>
  find(id: number): Promise<{ readonly task: Task; readonly bytes: Buffer } | undefined>
}

/** @param promotedBy who promotes, as the audit names callers */
export function openModelStore(db: Db, promotedBy = 'local'): ModelStore {
  return {
    add: async (model) => ({ id: await addModel(db, model) }),
    promote: async (id) => {
      if (!(await promoteModel(db, { id, promotedBy }))) throw new Error(`There is no model ${id}.`)
    },
    current: async (task) => {
      const row = await findCurrentModel(db, task)
      if (row === undefined) return undefined
      const bytes = await findModelBytes(db, row.id)
      return bytes === undefined ? undefined : { ...row, bytes }
    },
    find: async (id) => {
      const row = await findModel(db, id)
      const task = tasks.find((known) => known === row?.task)
      const bytes = task === undefined ? undefined : await findModelBytes(db, id)
      return task === undefined || bytes === undefined ? undefined : { task, bytes }
    },
  }
}
