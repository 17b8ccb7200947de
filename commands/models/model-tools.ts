import type { ModelPool } from '../../engine/pool/model-pool.js'
import type { Task } from '../../engine/tasks.js'
import type { ModelStore } from '../../services/models/model-store.js'

/** How somebody waits for long work. */
export interface Watch {
  /** Ends the work; the promise then rejects. */
  readonly signal: AbortSignal
  /** @param share 0 to 1 */
  readonly onProgress: (message: string, share: number) => void
}

/** What `triagem evaluate` and `triagem train` work with; parts are opened when they are first needed. */
export interface ModelTools {
  /** The engine's long work, away from the main thread. */
  readonly pool: Pick<ModelPool, 'crossValidate' | 'learn' | 'predict' | 'readCard'>
  /** Opens the database. */
  store(): Promise<ModelStore>
  /** The model that ships; undefined for a task that has none. */
  readDefault(task: Task): Promise<Buffer | undefined>
}
