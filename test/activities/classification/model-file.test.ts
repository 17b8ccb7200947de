import assert from 'node:assert/strict'
import {
  decodeModel,
  encodeModel,
  type StoredModel,
} from '../../../activities/classification/model-file.js'

const quality = { examples: 2, accuracy: 0.5, macroF1: 0.5 }
const stored: StoredModel = {
  facts: {
    task: 'language',
    labels: ['pt', 'en'],
    modelVersion: 'email-1+00000000',
    examplesSha256: '00',
    temperature: 0.3,
    reviewBar: 0.9,
    familiarityBars: { pt: 0.2, en: 0.1 },
    quality: { all: quality, pt: quality, en: quality },
  },
  model: {
    vocabulary: {
      texts: 2,
      buckets: Uint32Array.of(3, 1_000_000, 1_048_575),
      documentCounts: Uint32Array.of(2, 1, 1),
    },
    biases: [0.1, -0.1],
    scales: [0.01, 0.02],
    weights: Int8Array.of(1, -1, 127, -127, 0, 5),
  },
}

describe('model file', () => {
  it('should give back what was put in, and the same bytes for the same model', () => {
    const bytes = encodeModel(stored)
    const { facts, model } = decodeModel('m', bytes)
    assert.deepEqual(model, stored.model)
    assert.deepEqual({ ...facts, ...stored.facts }, facts)
    assert.ok(bytes.equals(encodeModel(stored)))
  })

  it('should refuse by name any damaged byte and any length cut short', () => {
    const bytes = encodeModel(stored)
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at] = damaged[at]! ^ 1
      assert.throws(() => decodeModel('m.model', damaged), /^Error: m\.model: /u, `byte ${at}`)
      assert.throws(() => decodeModel('m.model', bytes.subarray(0, at)), /^Error: m\.model: /u)
    }
  })

  it('should refuse a later version by name', () => {
    const later = encodeModel(stored)
    later.writeUInt32LE(2, 8)
    assert.throws(() => decodeModel('m.model', later), /^Error: m\.model: version 2/u)
  })
})
