import type { IncomingMessage } from 'node:http'
import { Transform, type TransformCallback } from 'node:stream'
import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import { commonErrors, type DeclaredError } from './common-errors.js'
import { ApiError } from './errors.js'

/** Bytes of a text or a file that is taken. */
export const maxContentBytes = 5 * 1024 * 1024

/**
 * A context whose request ends in ApiError `tooLarge` after `maxBytes`, announced or sent. The multipart
 * parser counts fields and files but not the heads of parts, which it keeps in memory.
 */
export function limitRequest(
  ctx: Context,
  maxBytes: number,
  tooLarge: DeclaredError = commonErrors.too_large,
): Context {
  if (ctx.request.length > maxBytes) throw new ApiError(tooLarge)
  const req = Object.assign(limit(ctx.req, maxBytes, tooLarge), { headers: ctx.req.headers })
  return Object.create(ctx, { req: { value: req } }) as Context
}

function limit(request: IncomingMessage, maxBytes: number, tooLarge: DeclaredError): Transform {
  let bytes = 0
  const limited = new Transform({
    transform: (chunk: Buffer, _encoding, done: TransformCallback) => {
      bytes += chunk.length
      if (bytes > maxBytes) done(new ApiError(tooLarge))
      else done(null, chunk)
    },
  })
  request.on('error', (error) => limited.destroy(error))
  // What is left is read and dropped, so that the client gets to read its answer.
  limited.on('close', () => request.resume())
  return request.pipe(limited)
}

export const bytesType = 'application/octet-stream'

/** The `request` of a route whose body is a file as it is: createBytesReader() reads it. */
export const bytesRequest = { [bytesType]: z.file() }

/** Reads such a body into memory. @param maxBytes that of an upload unless told */
export function createBytesReader(maxBytes = maxContentBytes): Middleware {
  return async (ctx, next) => {
    // A client that went away while we asked elsewhere would be waited for without end.
    if (ctx.req.destroyed) throw new ApiError(commonErrors.upload_interrupted)
    if (!isPlain(ctx)) throw new ApiError(commonErrors.bytes_expected)
    ctx.state['bytes'] = await readBytes(limitRequest(ctx, maxBytes, commonErrors.body_too_large))
    await next()
  }
}

export const getReceivedBytes = (ctx: Context): Buffer => ctx.state['bytes'] as Buffer

/** Of that type, and not compressed: what it would unfold to has no limit. */
const isPlain = ({ request }: Context): boolean =>
  request.is(bytesType) === bytesType && request.get('Content-Encoding') === ''

async function readBytes({ req }: Context): Promise<Buffer> {
  try {
    return Buffer.concat((await req.toArray()) as Buffer[])
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(commonErrors.upload_interrupted)
  }
}
