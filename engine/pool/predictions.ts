import { z } from 'zod'
import type { Prediction } from '../model/text-model.js'

/*
 * Predictions as bytes, as they leave a thread and are kept in a batch's row: length of the header (uint32),
 * header (JSON), confidences (float32), labels (uint16), flags (uint8). Little-endian. Seven bytes for each item instead
 * of an object: reading a message of objects would cost the thread that serves requests.
 */
const prefixLength = 4
const bytesPerItem = 7
const needsReviewFlag = 1
const isFamiliarFlag = 2
/** No label: the item could not be judged. */
const noLabel = 0xffff

const headerSchema = z.object({
  version: z.literal(1),
  count: z.int().nonnegative(),
  labels: z.array(z.string()).max(noLabel),
})

/** @param predictions in the order of their items; undefined for one that could not be judged */
export function encodePredictions(
  predictions: readonly (Prediction | undefined)[],
): Uint8Array<ArrayBuffer> {
  const numbers = new Map<string, number>()
  for (const prediction of predictions)
    if (prediction !== undefined && !numbers.has(prediction.label))
      numbers.set(prediction.label, numbers.size)
  const count = predictions.length
  const header = Buffer.from(JSON.stringify({ version: 1, count, labels: [...numbers.keys()] }))
  const bytes = new Uint8Array(prefixLength + header.length + count * bytesPerItem)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, header.length, true)
  bytes.set(header, prefixLength)
  const columns = locate(prefixLength + header.length, count)
  for (const [at, prediction] of predictions.entries()) {
    view.setFloat32(columns.confidence + at * 4, prediction?.confidence ?? 0, true)
    view.setUint16(columns.label + at * 2, numbers.get(prediction?.label ?? '') ?? noLabel, true)
    view.setUint8(columns.flags + at, prediction === undefined ? 0 : flagsOf(prediction))
  }
  return bytes
}

/** @throws Error where the bytes are none of encodePredictions() */
export function decodePredictions(bytes: Uint8Array): (Prediction | undefined)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = prefixLength + view.getUint32(0, true)
  const header = Buffer.from(bytes.subarray(prefixLength, start)).toString()
  const { count, labels } = headerSchema.parse(JSON.parse(header))
  if (bytes.length !== start + count * bytesPerItem) throw new Error('Predictions are cut short.')
  const columns = locate(start, count)
  return Array.from({ length: count }, (_, at) => {
    const label = labels[view.getUint16(columns.label + at * 2, true)]
    if (label === undefined) return undefined
    const flags = view.getUint8(columns.flags + at)
    return {
      label,
      confidence: view.getFloat32(columns.confidence + at * 4, true),
      needsReview: (flags & needsReviewFlag) !== 0,
      isFamiliar: (flags & isFamiliarFlag) !== 0,
    }
  })
}

const locate = (start: number, count: number) => ({
  confidence: start,
  label: start + count * 4,
  flags: start + count * 6,
})

const flagsOf = ({ needsReview, isFamiliar }: Prediction): number =>
  (needsReview ? needsReviewFlag : 0) | (isFamiliar ? isFamiliarFlag : 0)
