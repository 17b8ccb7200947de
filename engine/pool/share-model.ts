import { createHash } from 'node:crypto'
import type { SharedModel } from './messages.js'

/** A model's bytes; they must not change. */
export interface ModelBytes {
  /** Where they come from, for a message. */
  readonly name: string
  readonly bytes: Buffer
}

const known = new WeakMap<Buffer, SharedModel>()

/** Copies a model into memory that all threads share. The same buffer gives the same memory again. */
export function shareModel({ name, bytes }: ModelBytes): SharedModel {
  const shared = known.get(bytes) ?? {
    key: createHash('sha256').update(bytes).digest('hex'),
    name,
    bytes: toShared(bytes),
  }
  known.set(bytes, shared)
  return shared
}

function toShared(bytes: Buffer): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  return shared
}
