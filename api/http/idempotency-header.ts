import type { Context } from 'koa'
import { z } from 'zod'
import { commonErrors } from './common-errors.js'
import { ApiError } from './errors.js'

const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/)

/** The `headers` of a route that takes one. */
export const idempotencyHeaders = z.object({ 'Idempotency-Key': idempotencyKey.optional() })

/** @returns undefined where none was sent. @throws ApiError `invalid_idempotency_key` */
export function readIdempotencyHeader({ req }: Pick<Context, 'req'>): string | undefined {
  const header = req.headers['idempotency-key']
  if (header === undefined) return undefined
  const key = idempotencyKey.safeParse(header)
  if (!key.success) throw new ApiError(commonErrors.invalid_idempotency_key)
  return key.data
}
