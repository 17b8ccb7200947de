import { fileURLToPath } from 'node:url'
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common'
import proto from '@temporalio/proto'
import type { KeyRing } from '../../db/key-ring.js'
import { payloadPlace } from '../../db/seal-places.js'
import { asSealed } from '../../db/sealed.js'

const encoding = Buffer.from('binary/encrypted')

/**
 * Seals every payload that reaches Temporal (AES-256-GCM) and opens what comes back. A payload that was
 * never sealed passes as it is, so that histories from before a key was set can still be read.
 */
export function createPayloadCodec(keys: KeyRing): PayloadCodec {
  const keyId = Buffer.from(keys.currentKeyId)
  return {
    encode: (payloads) =>
      Promise.resolve(
        payloads.map((payload) => ({
          metadata: { encoding, 'encryption-key-id': keyId },
          data: keys.seal(
            proto.temporal.api.common.v1.Payload.encode(payload).finish(),
            payloadPlace,
          ),
        })),
      ),
    decode: (payloads) => Promise.resolve(payloads.map((payload) => openPayload(keys, payload))),
  }
}

/** For clients and workers alike: both must agree on it. */
export function createDataConverter(keys: KeyRing): DataConverter {
  return {
    payloadCodecs: [createPayloadCodec(keys)],
    failureConverterPath: fileURLToPath(new URL('./failure-converter.cjs', import.meta.url)),
  }
}

function openPayload(keys: KeyRing, payload: Payload): Payload {
  const name = payload.metadata?.['encoding']
  if (name == null || !encoding.equals(name)) return payload
  const sealed = asSealed(payload.data ?? new Uint8Array())
  return proto.temporal.api.common.v1.Payload.decode(keys.open(sealed, payloadPlace))
}
