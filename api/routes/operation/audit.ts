import { z } from 'zod'
import { listAudit } from '../../../db/audit.js'
import type { Db } from '../../../db/database.js'
import { parseFields } from '../../http/body.js'
import type { Route } from '../../http/route.js'
import { commonErrors } from '../../http/common-errors.js'

const page = z.object({
  before: z.coerce.number().int().min(1).optional().describe('the id of an entry'),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
})
const defaultLimit = 100
const text = z.string().nullable()
const entrySchema = z
  .object({
    id: z.int(),
    at: z.iso.datetime(),
    action: z.string(),
    outcome: z.string(),
    account_id: z.int().nullable(),
    caller: text,
    subject: text,
    address_hash: text,
    request_id: text,
  })
  .meta({ id: 'AuditEntry' })

/** Who signed in, who was refused, and what was changed at the door. */
export function createAuditRoute(db: Db): Route {
  return {
    method: 'get',
    path: '/audit',
    summary: 'Sign-ins, refusals and changes of accounts and keys, newest first',
    tag: 'Operation',
    access: 'operator',
    query: page,
    success: { description: 'The entries', body: z.array(entrySchema) },
    errors: [commonErrors.invalid_body],
    handle: async (ctx) => {
      const { before, limit = defaultLimit } = parseFields(page, ctx.query, 'query')
      const rows = await listAudit(db, { before, limit })
      ctx.body = rows.map((row) => ({ ...row, at: row.at.toISOString() })) satisfies z.infer<
        typeof entrySchema
      >[]
    },
  }
}
