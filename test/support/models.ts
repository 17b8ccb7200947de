import type { ModelCard } from '../../activities/classification/model-card.js'
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
  embedding: null,
  quality: {
    all: { rows: 12, accuracy: 0.9, macroF1: 0.8 },
    classes: [{ label: 'a', rows: 6, precision: 0.9, recall: 0.8, f1: 0.85 }],
    languages: [],
    calibrationError: 0.02,
    reviewShare: 0.1,
    unreviewedAccuracy: 0.95,
  },
})

/** A model whose bytes are its version, written out; one that begins with `damaged` can't be read. */
export const addTestModel = (db: Db, version: string, task: Task = 'email'): Promise<number> =>
  addModel(db, { task, version, card: testCard(version, task), bytes: Buffer.from(version) })

export function decodeTestModel(name: string, bytes: Buffer): string {
  const version = bytes.toString()
  if (version.startsWith('damaged')) throw new Error(`${name}: damaged; train again`)
  return version
}
