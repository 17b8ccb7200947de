import type { Logger } from 'pino'
import { findCurrentModel, findModelBytes, recordModelProblem } from '../../db/models.js'
import type { Db } from '../../db/database.js'
import type { Task } from '../../engine/tasks.js'

/** The model that a process uses for a task. */
export interface ModelInUse<T> {
  /** null is the default that ships. */
  readonly id: number | null
  readonly version: string
  readonly bytes: Buffer
  readonly value: T
}

export interface ModelSlotInput<T> {
  readonly task: Task
  /** Used while nothing else is current; undefined where none ships for the task. */
  readonly shipped: Omit<ModelInUse<T>, 'id'> | undefined
  /** @throws Error that names a model which is damaged or of a later version */
  readonly decode: (name: string, bytes: Buffer) => T | Promise<T>
}

/** Holds one task's model in use. What can't be loaded is refused, and the last good one stays. */
export interface ModelSlot<T> {
  readonly task: Task
  current(): ModelInUse<T> | undefined
  /** Reads which model is current, and takes it. @throws the database's error */
  refresh(db: Db, log: Logger): Promise<void>
}

export function createModelSlot<T>({ task, shipped, decode }: ModelSlotInput<T>): ModelSlot<T> {
  const fallback = shipped === undefined ? undefined : { id: null, ...shipped }
  let inUse: ModelInUse<T> | undefined = fallback
  // Stored models never change: one that was refused is not read again until another was current.
  let refused: number | undefined

  async function take(db: Db, log: Logger, id: number, version: string): Promise<void> {
    const name = `${task} ${version} (model ${id})`
    try {
      const bytes = await findModelBytes(db, id)
      if (bytes === undefined) return
      inUse = { id, version, bytes, value: await decodeOrRefuse(name, bytes) }
      refused = undefined
      await recordModelProblem(db, id, null)
      log.info({ task, version, model: id }, 'Another model is in use.')
    } catch (error) {
      if (!(error instanceof RefusedModelError)) throw error
      refused = id
      log.error({ task, version, model: id }, error.message)
      await recordModelProblem(db, id, error.reason)
    }
  }

  async function decodeOrRefuse(name: string, bytes: Buffer): Promise<T> {
    try {
      return await decode(name, bytes)
    } catch (error) {
      throw new RefusedModelError(name, inUse, error)
    }
  }

  return {
    task,
    current: () => inUse,
    refresh: async (db, log) => {
      const current = await findCurrentModel(db, task)
      if (current === undefined) {
        inUse = fallback
        refused = undefined
      } else if (current.id !== inUse?.id && current.id !== refused) {
        await take(db, log, current.id, current.version)
      }
    },
  }
}

class RefusedModelError extends Error {
  override readonly name = 'RefusedModelError'
  readonly reason: string
  constructor(name: string, kept: { readonly version: string } | undefined, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : 'It can not be read.'
    const rest = kept === undefined ? 'The task has no model.' : `${kept.version} stays in use.`
    super(`The model ${name} is refused: ${reason}. ${rest}`, { cause })
    this.reason = reason
  }
}
