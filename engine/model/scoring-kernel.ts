import type { TextVector } from '../text/vocabulary.js'

/**
 * Sums up the weights of a vector's rows and of its embedding (empty where the model takes none), for each label. The
 * result is overwritten by the next call.
 */
export type ScoringKernel = (vector: TextVector, dense: Float32Array) => Float32Array

export interface KernelWeights {
  readonly labels: number
  /** Row by row, a weight for each label. */
  readonly sparse: Int8Array
  /** Dimension by dimension, a weight for each label, in the same unit. */
  readonly dense: Float32Array
}

/** scoring-kernel.wat, compiled. After a change of that file its test prints the new text. */
export const compiled = Buffer.from(
  [
    'AGFzbQEAAAABCQFgBX9/f39/AAMDAgAABQMBAAEHIQMGbWVtb3J5AgAJYWRkU3BhcnNlAAAIYWRkRGVuc2UAAQq3AgKgAQIDfwR7',
    'IAIgBGohBQNAIAD9AAQAIQogAP0ABBAhCyACIQYCQANAIAYgBU8NASAGIANq/QkCACEIIAYoAgAgB2r9AQMAIQkgCiAIIAn9pwH9',
    '+gH95gH95AEhCiALIAggCf2oAf36Af3mAf3kASELIAZBBGohBgwACwsgACAK/QsEACAAIAv9CwQQIABBIGohACAHQQhqIQcgByAB',
    'SQ0ACwuSAQIDfwN7IAMgBGohBQNAIAD9AAQAIQkgAP0ABBAhCiADIQYCQANAIAYgBU8NASAG/QkCACEIIAkgCCAB/QAEAP3mAf3k',
    'ASEJIAogCCAB/QAEEP3mAf3kASEKIAFBIGohASAGQQRqIQYMAAsLIAAgCf0LBAAgACAK/QsEECAAQSBqIQAgB0EIaiEHIAcgAkkN',
    'AAsL',
  ].join(''),
  'base64',
)

/** The part that is used here. TypeScript declares it only together with a browser's types. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: Exports }
}

/** See scoring-kernel.wat. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  readonly addSparse: (
    sums: number,
    labels: number,
    rows: number,
    toValues: number,
    length: number,
  ) => void
  readonly addDense: (
    sums: number,
    weights: number,
    labels: number,
    values: number,
    length: number,
  ) => void
}

const kernel = new WebAssembly.Module(compiled)

/** How many labels are summed up at a time. */
const lanes = 8
/** How many rows of a vector are handed over at a time. */
const partLength = 1024
const pageBytes = 65_536

/**
 * Copies the weights into the memory of WebAssembly, which sums up four labels by one instruction (SIMD). JavaScript
 * has none and takes five times as long. The order of the sums is fixed, so they are the same on every machine.
 */
export function createScoringKernel({ labels, sparse, dense }: KernelWeights): ScoringKernel {
  const { memory, addSparse, addDense } = new WebAssembly.Instance(kernel).exports
  const paddedLabels = Math.ceil(labels / lanes) * lanes
  const dimensions = dense.length / labels
  const rowsStart = 4 * paddedLabels
  const valuesStart = rowsStart + 4 * partLength
  const denseStart = valuesStart + 4 * Math.max(partLength, dimensions)
  const sparseStart = denseStart + 4 * dimensions * paddedLabels
  // Rows lie without gaps. Where the last lanes read beyond a row's labels, they read the next row, into sums that
  // nobody uses.
  const end = sparseStart + sparse.length + lanes
  memory.grow(Math.ceil(end / pageBytes) - 1)
  const sums = new Float32Array(memory.buffer, 0, paddedLabels)
  const rows = new Int32Array(memory.buffer, rowsStart, partLength)
  const values = new Float32Array(memory.buffer, valuesStart, Math.max(partLength, dimensions))
  layOut(dense, labels, new Float32Array(memory.buffer, denseStart, dimensions * paddedLabels))
  new Int8Array(memory.buffer, sparseStart).set(sparse)
  const found = sums.subarray(0, labels)
  return (vector, embedded) => {
    sums.fill(0)
    for (let from = 0; from < vector.rows.length; from += partLength) {
      const count = Math.min(partLength, vector.rows.length - from)
      for (let at = 0; at < count; at++) {
        rows[at] = sparseStart + (vector.rows[from + at] ?? 0) * labels
        values[at] = vector.values[from + at] ?? 0
      }
      addSparse(0, paddedLabels, rowsStart, valuesStart - rowsStart, 4 * count)
    }
    if (embedded.length === 0) return found
    if (embedded.length !== dimensions)
      throw new Error(`${embedded.length} dimensions, but weights for ${dimensions}.`)
    values.set(embedded)
    addDense(0, denseStart, paddedLabels, valuesStart, 4 * dimensions)
    return found
  }
}

/** Writes the weights of the first eight labels for all dimensions, then of the next eight: as they are read. */
function layOut(from: Float32Array, count: number, to: Float32Array): void {
  const dimensions = from.length / count
  for (let at = 0; at < dimensions; at++)
    for (let label = 0; label < count; label++) {
      const lane = label % lanes
      to[(label - lane) * dimensions + at * lanes + lane] = from[at * count + label] ?? 0
    }
}
