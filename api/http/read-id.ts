import type { Context } from 'koa'
import { ApiError } from './errors.js'
import type { ErrorCode } from './sentences.js'

/** PostgreSQL's integer, of which our ids are. */
const maxId = 2_147_483_647

/** The `:id` of a path. @throws ApiError 404 where that can be no id */
export function readId(ctx: Context, unknown: ErrorCode): number {
  const { id = '' } = (ctx as Context & { params: Record<string, string> }).params
  const number = /^[1-9]\d{0,9}$/.test(id) ? Number(id) : undefined
  if (number === undefined || number > maxId) throw new ApiError(404, unknown)
  return number
}
