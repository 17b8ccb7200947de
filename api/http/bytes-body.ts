import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import { maxContentBytes } from './body.js'
import { ApiError } from './errors.js'
import { limitRequest } from './limit-request.js'
import { commonErrors } from './common-errors.js'

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
