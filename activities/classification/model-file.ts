import { createHash } from 'node:crypto'
import { z } from 'zod'
import { hashBits } from './features.js'
import type { LinearModel } from './linear-model.js'

/*
 * The file: magic (8 bytes), version and header length (uint32 each), header (JSON), buckets and
 * document counts (uint32 a row each), weights (int8, row by row), SHA-256 of all before.
 * Little-endian, as every machine that Node runs on.
 */
const magic = Buffer.from('TRIAGEM\n', 'latin1')
const fileVersion = 1
const prefixLength = magic.length + 8
const digestLength = 32
const extension = '.model'

const qualitySchema = z.object({ examples: z.int(), accuracy: z.number(), macroF1: z.number() })

const headerSchema = z.object({
  task: z.enum(['category', 'topic', 'language']),
  labels: z.array(z.string()).min(2),
  modelVersion: z.string(),
  examplesSha256: z.string(),
  hashBits: z.literal(hashBits, { error: 'made for other features' }),
  texts: z.int(),
  rows: z.int().nonnegative(),
  biases: z.array(z.number()),
  scales: z.array(z.number()),
  temperature: z.number().positive(),
  /** Below this confidence a person looks. */
  reviewBar: z.number(),
  /** By language: a text less familiar than this is unlike what the model learned from. */
  familiarityBars: z.object({ pt: z.number(), en: z.number() }),
  /** Cross-validated. */
  quality: z.object({ all: qualitySchema, pt: qualitySchema, en: qualitySchema }),
})

type Header = z.infer<typeof headerSchema>
export type Task = Header['task']

/** What a model is and how good it was, beside its weights. */
export type ModelFacts = Readonly<Omit<Header, 'hashBits' | 'texts' | 'rows' | 'biases' | 'scales'>>

export interface StoredModel {
  readonly facts: ModelFacts
  readonly model: LinearModel
}

/** Gives the name under which the model of a task is kept. */
export const modelFileName = (task: Task): string => `email-${task}${extension}`

/** Writes a model as bytes; equal models give equal bytes. */
export function encodeModel({ facts, model }: StoredModel): Buffer {
  const { vocabulary, biases, scales, weights } = model
  const shape = {
    hashBits,
    texts: vocabulary.texts,
    rows: vocabulary.buckets.length,
    biases,
    scales,
  }
  const header = Buffer.from(JSON.stringify({ ...facts, ...shape }))
  const prefix = Buffer.alloc(prefixLength)
  magic.copy(prefix)
  prefix.writeUInt32LE(fileVersion, magic.length)
  prefix.writeUInt32LE(header.length, magic.length + 4)
  const parts = [prefix, header, toBytes(vocabulary.buckets), toBytes(vocabulary.documentCounts)]
  const content = Buffer.concat([...parts, toBytes(weights)])
  return Buffer.concat([content, digest(content)])
}

/**
 * Reads a model.
 * @throws Error that names the file: no model, of a later version, damaged, or for other features.
 */
export function decodeModel(fileName: string, bytes: Buffer): StoredModel {
  if (!bytes.subarray(0, magic.length).equals(magic))
    throw new Error(`${fileName}: not a model file`)
  if (bytes.length < prefixLength + digestLength) throw damaged(fileName)
  const version = bytes.readUInt32LE(magic.length)
  if (version !== fileVersion) {
    throw new Error(
      `${fileName}: version ${version}, this program reads ${fileVersion}; train again`,
    )
  }
  const content = bytes.subarray(0, -digestLength)
  if (!digest(content).equals(bytes.subarray(-digestLength))) throw damaged(fileName)
  const bodyStart = prefixLength + bytes.readUInt32LE(magic.length + 4)
  const header = parseHeader(fileName, content.subarray(prefixLength, bodyStart).toString())
  return { facts: header, model: readModel(fileName, header, content.subarray(bodyStart)) }
}

function parseHeader(fileName: string, json: string): Header {
  const result = headerSchema.safeParse(JSON.parse(json))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new Error(
    `${fileName}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}; train again`,
  )
}

function readModel(fileName: string, header: Header, body: Buffer): LinearModel {
  const { texts, rows, labels, biases, scales } = header
  const isWhole = body.length === rows * (8 + labels.length)
  if (!isWhole || biases.length !== labels.length || scales.length !== labels.length) {
    throw damaged(fileName)
  }
  // A copy begins where a uint32 may begin; a part of a buffer need not.
  const copy = Uint8Array.from(body).buffer
  const vocabulary = {
    texts,
    buckets: new Uint32Array(copy, 0, rows),
    documentCounts: new Uint32Array(copy, rows * 4, rows),
  }
  return { vocabulary, biases, scales, weights: new Int8Array(copy, rows * 8) }
}

const damaged = (fileName: string): Error => new Error(`${fileName}: damaged; train again`)

const toBytes = (array: Uint32Array | Int8Array): Buffer =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength)

const digest = (content: Buffer): Buffer => createHash('sha256').update(content).digest()
