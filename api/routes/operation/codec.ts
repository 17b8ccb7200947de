import type { Payload, PayloadCodec } from '@temporalio/common'
import { z } from 'zod'
import { getReceivedBody, parseFields } from '../../http/body.js'
import { ApiError } from '../../http/errors.js'
import type { Route } from '../../http/route.js'
import { commonErrors } from '../../http/common-errors.js'

/** Payloads as protobuf's JSON has them: bytes in base64. */
const payloadSchema = z.object({
  metadata: z.record(z.string(), z.base64()).optional(),
  data: z.base64().optional(),
})
const payloadsSchema = z
  .object({ payloads: z.array(payloadSchema).max(1000) })
  .meta({ id: 'Payloads' })

/** Opens payloads for Temporal's Web UI, so that an operator reads what the server itself can't. */
export function createCodecRoute(codec: PayloadCodec): Route {
  return {
    method: 'post',
    path: '/codec/decode',
    summary: "Open sealed payloads, for Temporal's Web UI",
    tag: 'Operation',
    access: 'operator',
    request: { 'application/json': payloadsSchema },
    success: { description: 'The payloads, opened', body: payloadsSchema },
    errors: [commonErrors.bad_request, commonErrors.invalid_body],
    handle: async (ctx) => {
      const { payloads } = parseFields(payloadsSchema, getReceivedBody(ctx).fields)
      ctx.body = { payloads: (await open(codec, payloads.map(fromJson))).map(toJson) }
    },
  }
}

/** A payload that no key of ours opens is the caller's mistake. */
async function open(codec: PayloadCodec, payloads: Payload[]): Promise<Payload[]> {
  try {
    return await codec.decode(payloads)
  } catch {
    throw new ApiError(commonErrors.bad_request)
  }
}

type JsonPayload = z.infer<typeof payloadSchema>

function fromJson({ metadata, data }: JsonPayload): Payload {
  return {
    metadata: mapValues(metadata ?? {}, (value) => Buffer.from(value, 'base64')),
    data: Buffer.from(data ?? '', 'base64'),
  }
}

function toJson({ metadata, data }: Payload): JsonPayload {
  return {
    metadata: mapValues(metadata ?? {}, (value) => Buffer.from(value).toString('base64')),
    data: Buffer.from(data ?? []).toString('base64'),
  }
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
