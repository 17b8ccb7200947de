/**
 * Bytes that a key ring sealed. Plain bytes are not of this type, so what must rest sealed can't be written
 * in clear by mistake: the compiler refuses it. Only KeyRing.seal() and asSealed() make one.
 */
export type Sealed = Buffer & { readonly [sealedBrand]: true }

declare const sealedBrand: unique symbol

/**
 * For borders that carry sealed values as bytes without a type: Temporal's payloads, and the base64 of a
 * NOTIFY. Nothing is checked here; KeyRing.open() refuses what was never sealed.
 */
export function asSealed(bytes: Uint8Array): Sealed {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as Sealed
}
