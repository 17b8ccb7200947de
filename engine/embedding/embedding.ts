import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fnvStart, fnvStep, maxTokenLength, visitTokens } from './embedding-tokens.js'
import { createWordIndex, type WordIndex } from './word-index.js'

/*
 * The file: magic (8 bytes); file version, dimensions, words, buckets (uint32 each); label (32 bytes,
 * zeros at the end); SHA-256 of words.txt; a scale a row (float32); two 4-bit values a byte, the first
 * in the low half, row by row, words before buckets; SHA-256 of all before. Little-endian.
 */
const magic = Buffer.from('TRIAEMB\n', 'latin1')
const fileVersion = 1
const countsStart = magic.length + 4
const labelStart = countsStart + 12
const wordsDigestStart = labelStart + 32
const bodyStart = wordsDigestStart + 32
const digestLength = 32

const minGram = 3
const maxGram = 5

/** Turns texts into vectors. Texts of like meaning, in Portuguese or English, lie close: the dot product is the cosine. */
export interface Embedding {
  readonly dimensions: number
  /** The version of the table: vectors of different versions can't be compared. */
  readonly version: string
  /**
   * Gives a vector of length 1, or all zero for a text without letters and digits.
   * @param leading how many dimensions are wanted, the most important first: a multiple of 8
   */
  embed(text: string, leading?: number): Float32Array
}

/** The content of the file: rows of values, eight in each int32, the first in the lowest bits. */
interface Table {
  readonly dimensions: number
  readonly version: string
  readonly buckets: number
  readonly index: WordIndex
  /** The factor of each row's values. */
  readonly scales: Float32Array
  readonly packed: Int32Array
  /** The sums of the present text. A new array for each text would take a fifth of the time. */
  readonly sums: Float64Array
}

/** Reads embedding.bin and words.txt of a folder. @throws Error that names the file, as decodeEmbedding. */
export async function loadEmbedding(folder: string): Promise<Embedding> {
  const path = join(folder, 'embedding.bin')
  const [bytes, words] = await Promise.all([
    readFile(path),
    readFile(join(folder, 'words.txt'), 'latin1'),
  ])
  return decodeEmbedding(path, bytes, words)
}

/**
 * Reads a table; `words` is the text of words.txt, one word a line. The bytes stay in use and must not change.
 * @throws Error that names the file: no embedding, of another version, damaged, or of other words.
 */
export function decodeEmbedding(name: string, bytes: Buffer, words: string): Embedding {
  const table = decodeTable(name, bytes, Buffer.from(words, 'latin1'))
  const { dimensions, version } = table
  return {
    dimensions,
    version,
    embed: (text, leading = dimensions) => embedText(table, text, leading),
  }
}

function decodeTable(name: string, bytes: Buffer, words: Buffer): Table {
  checkContent(name, bytes)
  const wordsDigest = bytes.subarray(wordsDigestStart, bodyStart)
  if (!digest(words).equals(wordsDigest)) throw new Error(`${name}: made for another words.txt`)
  const dimensions = bytes.readUInt32LE(countsStart)
  const buckets = bytes.readUInt32LE(countsStart + 8)
  const index = createWordIndex(words, bytes.readUInt32LE(countsStart + 4))
  const rows = index.size + buckets
  const isWhole = bytes.length === bodyStart + rows * (4 + dimensions / 2) + digestLength
  if (!isWhole || dimensions % 8 !== 0) throw damaged(name)
  const body = align(bytes.subarray(bodyStart, -digestLength))
  return {
    dimensions,
    version: bytes.toString('latin1', labelStart, wordsDigestStart).replace(/\0+$/u, ''),
    buckets,
    index,
    scales: new Float32Array(body.buffer, body.byteOffset, rows),
    packed: new Int32Array(body.buffer, body.byteOffset + 4 * rows, (rows * dimensions) / 8),
    sums: new Float64Array(dimensions),
  }
}

/** A float32 must begin at a multiple of 4. A whole file does; a part of a buffer is copied where it doesn't. */
const align = (bytes: Uint8Array): Uint8Array =>
  bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)

function checkContent(name: string, bytes: Buffer): void {
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    throw new Error(`${name}: not an embedding file`)
  }
  if (bytes.length < bodyStart + digestLength) throw damaged(name)
  const version = bytes.readUInt32LE(magic.length)
  if (version !== fileVersion) {
    throw new Error(`${name}: version ${version}, this program reads ${fileVersion}`)
  }
  const isWhole = digest(bytes.subarray(0, -digestLength)).equals(bytes.subarray(-digestLength))
  if (!isWhole) throw damaged(name)
}

const damaged = (name: string): Error => new Error(`${name}: damaged`)

const digest = (content: Buffer): Buffer => createHash('sha256').update(content).digest()

function embedText(table: Table, text: string, leading: number): Float32Array {
  const sums = table.sums.subarray(0, leading)
  sums.fill(0)
  visitTokens(text, (bytes, length, hash) => {
    const word = table.index.find(bytes, length, hash)
    if (word === undefined) addGrams(table, sums, bytes, length)
    else addRow(table, sums, word, 1)
  })
  return normalise(sums)
}

/** `<token>`. One array serves all, because it is read at once. */
const marked = new Uint8Array(maxTokenLength + 2)

/** An unknown word is the average of the buckets of its n-grams of 3 to 5 characters, ends marked. */
function addGrams(table: Table, sums: Float64Array, bytes: Uint8Array, length: number): void {
  marked[0] = 0x3c
  marked.set(bytes.subarray(0, length), 1)
  marked[length + 1] = 0x3e
  const factor = 1 / countGrams(length + 2)
  const firstBucket = table.index.size
  for (let start = 0; start + minGram <= length + 2; start++) {
    let hash = fnvStart
    const end = Math.min(length + 2, start + maxGram)
    for (let at = start; at < end; at++) {
      hash = fnvStep(hash, marked[at] ?? 0)
      if (at - start + 1 < minGram) continue
      addRow(table, sums, firstBucket + ((hash >>> 0) % table.buckets), factor)
    }
  }
}

function countGrams(length: number): number {
  let count = 0
  for (let size = minGram; size <= maxGram; size++) count += Math.max(0, length - size + 1)
  return count
}

/**
 * Adds the leading values of a row, eight for each read. Written out: a loop over the eight takes almost twice the time.
 */
function addRow(table: Table, sums: Float64Array, row: number, factor: number): void {
  const { dimensions, packed } = table
  const scale = (table.scales[row] ?? 0) * factor
  let at = (row * dimensions) / 8
  for (let i = 0; i < sums.length; i += 8) {
    const eight = packed[at++] ?? 0
    // A shift up and back down gives the four bits their sign.
    sums[i] = (sums[i] ?? 0) + scale * ((eight << 28) >> 28)
    sums[i + 1] = (sums[i + 1] ?? 0) + scale * ((eight << 24) >> 28)
    sums[i + 2] = (sums[i + 2] ?? 0) + scale * ((eight << 20) >> 28)
    sums[i + 3] = (sums[i + 3] ?? 0) + scale * ((eight << 16) >> 28)
    sums[i + 4] = (sums[i + 4] ?? 0) + scale * ((eight << 12) >> 28)
    sums[i + 5] = (sums[i + 5] ?? 0) + scale * ((eight << 8) >> 28)
    sums[i + 6] = (sums[i + 6] ?? 0) + scale * ((eight << 4) >> 28)
    sums[i + 7] = (sums[i + 7] ?? 0) + scale * (eight >> 28)
  }
}

function normalise(sums: Float64Array): Float32Array {
  let square = 0
  for (let i = 0; i < sums.length; i++) square += (sums[i] ?? 0) ** 2
  const factor = square === 0 ? 0 : 1 / Math.sqrt(square)
  const vector = new Float32Array(sums.length)
  for (let i = 0; i < sums.length; i++) vector[i] = (sums[i] ?? 0) * factor
  return vector
}
