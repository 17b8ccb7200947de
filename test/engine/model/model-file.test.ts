import assert from 'node:assert/strict'
import { decodeModelFile, encodeModel, type StoredModel } from '../../../engine/model/model-file.js'
import { smallModel } from '../../support/models.js'

const quality = {
  all: { rows: 2, accuracy: 0.5, macroF1: 0.5 },
  classes: [{ label: 'sim', rows: 1, precision: 0.5, recall: 0.5, f1: 0.5 }],
  languages: [],
  calibrationError: 0.1,
  reviewShare: 0.5,
  unreviewedAccuracy: 1,
}
const stored: StoredModel = {
  card: {
    task: 'texts',
    version: 'texts-2+00000000',
    labels: ['não', 'sim'],
    made: '2026-11-25',
    examples: 2,
    examplesSha256: '00',
    sources: [{ name: 'nobody', licence: 'none' }],
    embedding: 'e',
    quality,
  },
  grouping: { groups: ['não', 'sim'], groupOf: [0, 1] },
  calibration: smallModel.calibration,
  vocabulary: {
    texts: 2,
    hashes: Uint32Array.of(3, 1_000_000, 4_294_967_295),
    documentCounts: Uint32Array.of(2, 1, 1),
  },
  dimensions: 1,
  heads: [
    {
      labels: ['não', 'sim'],
      biases: [0.1, -0.1],
      scales: [0.01, 0.02],
      weights: Int8Array.of(1, -1, 127, -127, 0, 5),
      denseWeights: Float32Array.of(0.5, -0.25),
    },
  ],
}

describe('model file', () => {
  it('should give back what was put in, and the same bytes for the same model', () => {
    const bytes = encodeModel(stored)
    assert.deepEqual(decodeModelFile('m', bytes), stored)
    assert.ok(bytes.equals(encodeModel(stored)))
  })

  it('should use the bytes where they lie, and read them wherever that is', () => {
    const bytes = encodeModel(stored)
    assert.equal(decodeModelFile('m', bytes).vocabulary.hashes.buffer, bytes.buffer)
    for (const before of [1, 2, 3]) {
      const moved = Buffer.concat([Buffer.alloc(before), bytes]).subarray(before)
      assert.deepEqual(decodeModelFile('m', moved), stored)
    }
  })

  it('should refuse by name any damaged byte and any length cut short', () => {
    const bytes = encodeModel(stored)
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at] = damaged[at]! ^ 1
      const named = /^ModelFileError: m\.model: /u
      assert.throws(() => decodeModelFile('m.model', damaged), named, `byte ${at}`)
      assert.throws(() => decodeModelFile('m.model', bytes.subarray(0, at)), named)
    }
  })

  it('should refuse hashes that are made to collide, before an index of them takes minutes', () => {
    const rows = 50_000
    for (const hashOf of [() => 7, (row: number) => row * 2 ** 17]) {
      const hashes = Uint32Array.from({ length: rows }, (_, row) => hashOf(row))
      const vocabulary = { texts: 2, hashes, documentCounts: new Uint32Array(rows) }
      const [head] = stored.heads
      const heads = [{ ...head!, weights: new Int8Array(2 * rows) }]
      const bytes = encodeModel({ ...stored, vocabulary, heads })
      assert.throws(() => decodeModelFile('m.model', bytes), /^ModelFileError: m\.model: damaged/u)
    }
  })

  it('should refuse a card that a database cannot keep', () => {
    const bytes = encodeModel({ ...stored, card: { ...stored.card, labels: ['a\0', 'b'] } })
    assert.throws(() => decodeModelFile('m.model', bytes), /^ModelFileError: m\.model: damaged/u)
  })

  it('should refuse a later version by name', () => {
    const later = encodeModel(stored)
    later.writeUInt32LE(99, 8)
    const decode = () => decodeModelFile('m.model', later)
    assert.throws(decode, /^ModelFileError: m\.model: version 99/u)
    assert.throws(decode, { flaw: 'other_version' })
  })
})
