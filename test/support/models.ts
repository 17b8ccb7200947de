import { encodeModel, type StoredModel } from '../../engine/model/model-file.js'
import type { ModelCard } from '../../engine/model/model-card.js'
import type { LabelledSample } from '../../engine/samples.js'
import type { Task } from '../../engine/tasks.js'
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

/** The least that a model file can hold. */
export const smallModel: Omit<StoredModel, 'card'> = {
  grouping: { groups: ['a', 'b'], groupOf: [0, 1] },
  calibration: {
    blend: 1,
    offsets: [0, 0.1],
    temperature: 0.3,
    noneScore: -0.8,
    confidence: { from: [0.5], to: [0.6] },
    reviewBar: 0.9,
    familiarityBars: { '': 0.2 },
  },
  vocabulary: { texts: 2, hashes: Uint32Array.of(3), documentCounts: Uint32Array.of(2) },
  dimensions: 0,
  heads: [
    {
      labels: ['a', 'b'],
      biases: [0.1, -0.1],
      scales: [0.01, 0.02],
      weights: Int8Array.of(1, -1),
      denseWeights: new Float32Array(0),
    },
  ],
}

/** A model file that can be read. */
export const makeModelFile = (version: string, changes: Partial<StoredModel> = {}): Buffer =>
  encodeModel({ ...smallModel, card: testCard(version, 'texts'), ...changes })

/** The same as one that takes an embedding, which is not ours. */
export const makeDenseModelFile = (version: string): Buffer =>
  makeModelFile(version, {
    card: { ...testCard(version, 'texts'), embedding: 'somebody-elses-1' },
    dimensions: 1,
    heads: smallModel.heads.map((head) => ({ ...head, denseWeights: Float32Array.of(1, -1) })),
  })

/** Each word but once: only who knows the language, as the embedding does, tells what a new one is like. */
export const wordsByMeaning: readonly LabelledSample[] = Object.entries({
  saúde: 'médico dentista hospital remédio consulta exame enfermeira vacina cirurgia farmácia',
  comida: 'pizza almoço lanche sopa jantar bolo arroz pão queijo frango',
  dinheiro: 'banco empréstimo juros conta cartão saldo imposto dívida pagamento salário',
}).flatMap(([label, words]) => words.split(' ').map((text) => ({ text, label })))

/** A model whose bytes are its version, written out; one that begins with `damaged` can't be read. */
export const addTestModel = (db: Db, version: string, task: Task = 'email'): Promise<number> =>
  addModel(db, { task, version, card: testCard(version, task), bytes: Buffer.from(version) })

export function decodeTestModel(name: string, bytes: Buffer): string {
  const version = bytes.toString()
  if (version.startsWith('damaged')) throw new Error(`${name}: damaged; train again`)
  return version
}
