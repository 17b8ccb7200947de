import type { Context } from 'koa'
import type { DeclaredError } from './common-errors.js'
import { ApiError } from './errors.js'

/** PostgreSQL's integer, of which our ids are. */
const maxId = 2_147_483_647

/** The `:id` of a path. @throws ApiError `notFound` where that can be no id */
export function readId(ctx: Context, notFound: DeclaredError): number {
  const { id = '' } = (ctx as Context & { params: Record<string, string> }).params
  const number = /^[1-9]\d{0,9}$/.test(id) ? Number(id) : undefined
  if (number === undefined || number > maxId) throw new ApiError(notFound)
  return number
}
