import { createHash } from 'node:crypto'
import { z } from 'zod'
import { areWellMixed } from '../text/hash-index.js'
import type { Head } from './linear-model.js'
import { modelCardSchema, type ModelCard } from './model-card.js'
import type { Calibration, Grouping } from './judge.js'
import type { Vocabulary } from '../text/vocabulary.js'

/*
 * The file: magic (8 bytes), version and header length (uint32 each), header (JSON, blanks to a multiple of
 * 4), hashes and document counts (uint32 a row each), for each head the weights of the embedding's dimensions
 * (float32) and then, for each head, those of the rows (int8, row by row); SHA-256 of all before.
 * Little-endian, as every machine that Node runs on.
 */
const magic = Buffer.from('TRIAGEM\n', 'latin1')
/** A model of another version isn't read: its weights and calibration belong to another engine. */
export const modelFileVersion = 5
const prefixLength = magic.length + 8
const digestLength = 32

const headSchema = z.object({
  labels: z.array(z.string()).min(2),
  biases: z.array(z.number()),
  scales: z.array(z.number()),
})

const headerSchema = z.object({
  card: modelCardSchema,
  grouping: z.object({ groups: z.array(z.string()).min(2), groupOf: z.array(z.int()) }),
  calibration: z.object({
    blend: z.number().positive(),
    offsets: z.array(z.number()),
    temperature: z.number().positive(),
    noneScore: z.number().nullable(),
    confidence: z.object({ from: z.array(z.number()), to: z.array(z.number()) }),
    reviewBar: z.number(),
    familiarityBars: z.record(z.string(), z.number()),
  }),
  texts: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  dimensions: z.int().nonnegative(),
  heads: z.array(headSchema).min(1),
})

type Header = z.infer<typeof headerSchema>

export interface StoredModel {
  readonly card: ModelCard
  readonly grouping: Grouping
  readonly calibration: Calibration
  readonly vocabulary: Vocabulary
  /** How many dimensions of the embedding it takes; 0 for none. */
  readonly dimensions: number
  readonly heads: readonly Head[]
}

/** Why a model can't be read here. */
export type ModelFlaw = 'not_a_model' | 'damaged' | 'other_version' | 'other_embedding'

export class ModelFileError extends Error {
  override readonly name = 'ModelFileError'
  /** @param message names the model and says what to do */
  constructor(
    readonly flaw: ModelFlaw,
    message: string,
  ) {
    super(message)
  }
}

/** Writes a model as bytes; equal models give equal bytes. */
export function encodeModel(model: StoredModel): Buffer {
  const { card, grouping, calibration, vocabulary, dimensions, heads } = model
  const json = JSON.stringify({
    card,
    grouping,
    calibration,
    texts: vocabulary.texts,
    rows: vocabulary.hashes.length,
    dimensions,
    heads: heads.map(({ labels, biases, scales }) => ({ labels, biases, scales })),
  })
  const length = Buffer.byteLength(json)
  const header = Buffer.alloc(Math.ceil(length / 4) * 4, ' ')
  header.write(json)
  const prefix = Buffer.alloc(prefixLength)
  magic.copy(prefix)
  prefix.writeUInt32LE(modelFileVersion, magic.length)
  prefix.writeUInt32LE(header.length, magic.length + 4)
  const content = Buffer.concat([
    prefix,
    header,
    toBytes(vocabulary.hashes),
    toBytes(vocabulary.documentCounts),
    ...heads.map(({ denseWeights }) => toBytes(denseWeights)),
    ...heads.map(({ weights }) => toBytes(weights)),
  ])
  return Buffer.concat([content, digest(content)])
}

/**
 * Reads a model from its bytes, which stay in use and must not change.
 *
 * @param name the file or the stored model, for messages
 * @throws ModelFileError that names it: no model, of another version, or damaged
 */
export function decodeModelFile(name: string, bytes: Uint8Array): StoredModel {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!file.subarray(0, magic.length).equals(magic)) {
    throw new ModelFileError('not_a_model', `${name}: not a model file`)
  }
  if (file.length < prefixLength + digestLength) throw damaged(name)
  const version = file.readUInt32LE(magic.length)
  if (version !== modelFileVersion) {
    const found = `version ${version}, this program reads ${modelFileVersion}`
    throw new ModelFileError('other_version', `${name}: ${found}; train again`)
  }
  const content = file.subarray(0, -digestLength)
  if (!digest(content).equals(file.subarray(-digestLength))) throw damaged(name)
  const bodyStart = prefixLength + file.readUInt32LE(magic.length + 4)
  const header = parseHeader(name, content.subarray(prefixLength, bodyStart).toString())
  return readBody(name, header, content.subarray(bodyStart))
}

function parseHeader(name: string, json: string): Header {
  const result = headerSchema.safeParse(parseJson(name, json))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const found = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`
  throw new ModelFileError('other_version', `${name}: ${found}; train again`)
}

function parseJson(name: string, json: string): unknown {
  // No learned word has this character, and PostgreSQL stores no card that has it.
  if (json.includes('\\u0000')) throw damaged(name)
  try {
    return JSON.parse(json)
  } catch {
    throw damaged(name)
  }
}

function readBody(name: string, header: Header, body: Buffer): StoredModel {
  const { texts, rows, dimensions, card, grouping, calibration } = header
  const labels = header.heads.reduce((sum, head) => sum + head.labels.length, 0)
  const areWhole = header.heads.every(
    (head) =>
      head.biases.length === head.labels.length && head.scales.length === head.labels.length,
  )
  const length = rows * 8 + dimensions * labels * 4 + rows * labels
  if (!areWhole || body.length !== length) throw damaged(name)
  const { buffer, byteOffset: start } = align(body)
  let dense = rows * 8
  let sparse = dense + dimensions * labels * 4
  const heads = header.heads.map((head) => {
    const count = head.labels.length
    const read = {
      ...head,
      denseWeights: new Float32Array(buffer, start + dense, dimensions * count),
      weights: new Int8Array(buffer, start + sparse, rows * count),
    }
    dense += dimensions * count * 4
    sparse += rows * count
    return read
  })
  const hashes = new Uint32Array(buffer, start, rows)
  if (!areWellMixed(hashes)) throw damaged(name)
  const vocabulary = {
    texts,
    hashes,
    documentCounts: new Uint32Array(buffer, start + rows * 4, rows),
  }
  return { card, grouping, calibration, vocabulary, dimensions, heads }
}

/** A uint32 must begin at a multiple of 4. A whole file does; a part of a buffer is copied where it doesn't. */
const align = (bytes: Uint8Array): Uint8Array =>
  bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)

const damaged = (name: string) => new ModelFileError('damaged', `${name}: damaged; train again`)

const toBytes = (array: Uint32Array | Int8Array | Float32Array): Buffer =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength)

const digest = (content: Buffer): Buffer => createHash('sha256').update(content).digest()
