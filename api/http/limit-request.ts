import type { IncomingMessage } from 'node:http'
import { Transform, type TransformCallback } from 'node:stream'
import type { Context } from 'koa'
import { ApiError } from './errors.js'

type TooLarge = 'too_large' | 'body_too_large'

/**
 * A context whose request ends in ApiError 413 after `maxBytes`, announced or sent. The multipart
 * parser counts fields and files but not the heads of parts, which it keeps in memory.
 */
export function limitRequest(
  ctx: Context,
  maxBytes: number,
  code: TooLarge = 'too_large',
): Context {
  if (ctx.request.length > maxBytes) throw new ApiError(413, code)
  const req = Object.assign(limit(ctx.req, maxBytes, code), { headers: ctx.req.headers })
  return Object.create(ctx, { req: { value: req } }) as Context
}

function limit(request: IncomingMessage, maxBytes: number, code: TooLarge): Transform {
  let bytes = 0
  const limited = new Transform({
    transform: (chunk: Buffer, _encoding, done: TransformCallback) => {
      bytes += chunk.length
      if (bytes > maxBytes) done(new ApiError(413, code))
      else done(null, chunk)
    },
  })
  request.on('error', (error) => limited.destroy(error))
  // What is left is read and dropped, so that the client gets to read its answer.
  limited.on('close', () => request.resume())
  return request.pipe(limited)
}
