import type { Context } from 'koa'
import { z } from 'zod'
import type { Db } from '../../../db/database.js'
import type { KeyRing } from '../../../db/key-ring.js'
import { findRun, listRuns } from '../../../db/runs.js'
import { runStatuses } from '../../../db/schema/runs.js'
import { findResults, type FindRunKind, type RunKind } from '../../../services/runs/run-kind.js'
import type { RunService } from '../../../services/runs/run-service.js'
import { getCaller } from '../../access/auth.js'
import { parseFields } from '../../http/body.js'
import { commonErrors } from '../../http/common-errors.js'
import { ApiError } from '../../http/errors.js'
import { readerLanguage } from '../../http/reader-language.js'
import type { Route } from '../../http/route.js'
import { runErrors } from './errors.js'
import { createRunRenderer, runStateSchema } from './run-state.js'

export interface RunRoutesInput {
  readonly db: Db
  readonly keys: KeyRing
  readonly kinds: readonly RunKind[]
  readonly findKind: FindRunKind
  readonly runs: Pick<RunService, 'remove'>
}

const pageSize = 50
const maxPage = 1_000
const filter = z.object({
  kind: z.string().max(100).optional(),
  status: z.enum(runStatuses).optional(),
  page: z.coerce.number().int().min(1).max(maxPage).optional().describe('from 1, 50 runs each'),
})
const params = z.object({ id: z.uuid() })
const uuid = z.uuid()

/** Whatever takes time, of every kind: listed to whom its scope shows it, read and removed by its id. */
export function createRunRoutes(input: RunRoutesInput): Route[] {
  const { db, findKind, kinds, runs } = input
  const { renderListed, renderRow } = createRunRenderer(findKind)
  const common = { tag: 'Runs', params, access: 'capability' } as const
  const unread = { readResult: () => undefined }
  return [
    {
      method: 'get',
      path: '/runs',
      summary:
        'What takes time, newest first, without results: those that the caller’s scopes show',
      tag: 'Runs',
      access: 'scoped',
      query: filter,
      success: { description: 'A page of runs', body: z.array(runStateSchema) },
      errors: [commonErrors.invalid_body],
      handle: async (ctx) => {
        const { kind, status, page = 1 } = parseFields(filter, ctx.query, 'query')
        const { scopes } = getCaller(ctx)
        const shown = kinds.filter(
          ({ name, scope }) => (kind ?? name) === name && scopes.includes(scope),
        )
        const rows = await listRuns(db, {
          kinds: shown.map(({ name }) => name),
          status,
          offset: (page - 1) * pageSize,
          limit: pageSize,
        })
        const language = readLanguage(ctx)
        ctx.body = rows.map((row) => renderListed({ ...row, ...unread }, language))
      },
    },
    {
      ...common,
      method: 'get',
      path: '/runs/:id',
      summary: 'The state of a run, with its result once it is completed',
      success: { description: 'The present state', body: runStateSchema },
      errors: [runErrors.run_not_found],
      handle: async (ctx) => {
        const row = await findRun(db, readRunId(ctx))
        if (row === undefined) throw new ApiError(runErrors.run_not_found)
        const result = (await findResults(input, [row])).get(row.id)
        ctx.body = renderRow({ ...row, readResult: () => result?.() }, readLanguage(ctx))
      },
    },
    {
      ...common,
      method: 'delete',
      path: '/runs/:id',
      summary: 'Cancel a run and remove it, with what only it holds',
      success: { description: 'Removed', body: z.object({ message: z.string() }) },
      errors: [runErrors.run_not_found],
      handle: async (ctx) => {
        if (!(await runs.remove(readRunId(ctx)))) throw new ApiError(runErrors.run_not_found)
        ctx.body = { message: readLanguage(ctx) === 'en' ? 'Run removed.' : 'Trabalho removido.' }
      },
    },
  ]
}

const readLanguage = (ctx: Context) => readerLanguage(ctx.get('Accept-Language'))

/** An id that is no uuid names no run. */
function readRunId(ctx: Context): string {
  const { params: given } = ctx as Context & { params: Record<string, string> }
  const id = uuid.safeParse(given['id'])
  if (!id.success) throw new ApiError(runErrors.run_not_found)
  return id.data.toLowerCase()
}
