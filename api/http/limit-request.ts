import type { IncomingMessage } from 'node:http'
import { Transform, type TransformCallback } from 'node:stream'
import type { Context } from 'koa'
import { commonErrors } from './common-errors.js'
import type { DeclaredError } from './declared-error.js'
import { ApiError } from './errors.js'

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
