import { sql } from 'kysely'
import { z } from 'zod'
import { getReceivedBody, parseFields } from '../../api/http/body.js'
import { commonErrors, declareErrors } from '../../api/http/common-errors.js'
import { ApiError } from '../../api/http/errors.js'
import type { StateView } from '../../api/live/state-view.js'
import { noticeSentences } from '../../api/routes/runs/errors.js'
import type { RunWithResult } from '../../api/routes/runs/run-source.js'
import type { Subject } from '../../api/subject.js'
import type { Db } from '../../db/database.js'
import type { RunNews } from '../../db/run-progress.js'
import { runInsertion } from '../../db/runs.js'
import { daysBefore } from '../../services/housekeeping/clean-up.js'
import type { RunKind, Words } from '../../services/runs/run-kind.js'
import type { RunService } from '../../services/runs/run-service.js'
import { errandWorkflow } from './errand-definition.js'
import type { ErrandStep } from './errand-workflow.js'

/** The subject's migration: what its runs work on. */
export async function createErrandTable(db: Db): Promise<void> {
  await sql`create table if not exists errands (
    id uuid primary key references runs (id) on delete cascade,
    town text not null, arrives_at timestamptz not null, diary text not null default '')`.execute(
    db,
  )
}

export const errandKind = {
  name: errandWorkflow.kind,
  workflow: errandWorkflow,
  scope: 'classify',
  steps: {
    packing: { pt: 'Embalando', en: 'Packing' },
    travelling: { pt: 'A caminho', en: 'On the way' },
    delivering: { pt: 'Entregando', en: 'Delivering' },
  } satisfies Record<ErrandStep, Words>,
  errors: { errand_lost: { pt: 'A cidade não existe.', en: 'There is no such town.' } },
  findResults: async ({ db }, ids) => {
    const { rows } = await sql<{ id: string; town: string }>`
      select id, town from errands where id = any(${ids}::uuid[])`.execute(db)
    return new Map(rows.map(({ id, town }) => [id, () => ({ delivered_to: town })]))
  },
  removeContent: async (trx, id) => {
    await sql`delete from errands where id = ${id}`.execute(trx)
  },
} as const satisfies RunKind

const errandErrors = declareErrors({
  too_far: { status: 400, pt: 'Longe demais.', en: 'Too far.' },
})

const newErrand = z.object({ town: z.string().min(1), arrives_at: z.iso.datetime() })

const errandSocket = (runs: RunService): StateView<RunNews, RunWithResult> => ({
  label: '/ws/errands',
  path: /^\/ws\/errands\/([^/]+)$/,
  accepts: ({ kind }) => kind === errandKind.name,
  renderProgress: ({ step, seq }) => ({ step, seq }),
  renderRow: (row) => ({ step: row.step, seq: row.seq, result: row.readResult() }),
  renderUnknown: (id) => ({ unknown: id }),
  commands: {
    cancel: { run: (id) => runs.cancel(id), failed: noticeSentences.not_cancelled },
  },
  notUnderstood: noticeSentences.not_understood,
})

/** A subject with a route, an error, a table, a workflow with activities, a run, a socket and a clean-up. */
export const errandSubject: Subject<{ readonly runs: RunService }> = {
  name: 'errands',
  errors: errandErrors,
  runKinds: [errandKind],
  cleanUps: [{ name: 'errands', run: deleteOldErrands }],
  serve: ({ runs }) => ({
    routes: [
      {
        method: 'post',
        path: '/errands',
        summary: 'Send somebody on an errand',
        tag: 'Errands',
        access: 'classify',
        request: { 'application/json': newErrand },
        success: { description: 'The run', body: z.object({ id: z.uuid() }) },
        errors: [errandErrors.too_far, commonErrors.invalid_body],
        handle: async (ctx) => {
          const { town, arrives_at } = parseFields(newErrand, getReceivedBody(ctx).fields)
          if (town === 'Lua') throw new ApiError(errandErrors.too_far)
          const id = await runs.submit({
            kind: errandKind.name,
            idempotencyKey: undefined,
            store: async (db, runId) => insertErrand(db, runId, town, arrives_at),
          })
          ctx.body = { id }
        },
      },
    ],
    views: [errandSocket(runs)],
    channels: [],
  }),
}

/** What ended a year ago. */
async function deleteOldErrands(db: Db, now: Date): Promise<number> {
  const result = await sql`
    delete from runs using errands
    where runs.id = errands.id and ended_at < ${daysBefore(now, 365)}`.execute(db)
  return Number(result.numAffectedRows)
}

/** Its run and its row, in one statement: both are there, or none is. */
export async function insertErrand(
  db: Db,
  id: string,
  town: string,
  arrivesAt: string,
): Promise<void> {
  await sql`
    with run as (${runInsertion(db, { id, kind: errandKind.name, total: 1 })})
    insert into errands (id, town, arrives_at) values (${id}, ${town}, ${arrivesAt})`.execute(db)
}
