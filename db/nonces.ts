import { randomFillSync } from 'node:crypto'

/** Of AES-GCM, in bytes. */
export const nonceLength = 12

const nonces = Buffer.alloc(256 * nonceLength)
let noncesUsed = nonces.length

/**
 * Random bytes for one seal, given out once. They are made for 256 seals at a time, for that costs as much as
 * making them for one.
 */
export function takeNonce(): Buffer {
  if (noncesUsed === nonces.length) {
    randomFillSync(nonces)
    noncesUsed = 0
  }
  noncesUsed += nonceLength
  return nonces.subarray(noncesUsed - nonceLength, noncesUsed)
}
