import type { ModelCard } from '../../activities/classification/pool/engine.js'
import type { Task } from '../../activities/classification/tasks.js'
import type { Db } from '../../db/database.js'
import { addModel } from '../../db/models.js'

/** A card of a model that nobody trained. */
export const testCard = (version: string, task: Task = 'email'): ModelCard => ({
  task,
  version,
  labels: ['a', 'b'],
  made: '2026-01-02T03:04:05.000Z',
  examples: 12,
  examplesSha256: '',
  sources: [],
  quality: { accuracy: 0.9 },
})

/** A model whose bytes are its version, written out; one that begins with `damaged` can't be read. */
export const addTestModel = (db: Db, version: string, task: Task = 'email'): Promise<number> =>
  addModel(db, { task, version, card: testCard(version, task), bytes: Buffer.from(version) })

export function decodeTestModel(name: string, bytes: Buffer): string {
  const version = bytes.toString()
  if (version.startsWith('damaged')) throw new Error(`${name}: damaged; train again`)
  return version
}
