import { sql } from 'kysely'
import type { FollowedState, StateFeedSource, StatePhase } from '../../../api/live/state-source.js'
import type { StateView } from '../../../api/live/state-view.js'
import type { Db, OpenDatabase } from '../../../db/database.js'

/** Something that a test follows: no job, no run, but a row with a state. */
export interface Thing extends FollowedState {
  readonly kind: string
  readonly phase: StatePhase
}

export interface ThingRow extends Thing {
  /** Only the row has it. */
  readonly result: string | null
}

export const thingsChannel = 'triagem_test_things'

export async function createThings(db: Db): Promise<void> {
  await sql`create table followed_things (id text primary key, kind text not null, phase text not null,
    progress int not null, epoch int not null, seq int not null, result text)`.execute(db)
}

export async function dropThings(db: Db): Promise<void> {
  await sql`drop table if exists followed_things`.execute(db)
}

export const thing = (id: string, change: Partial<ThingRow> = {}): ThingRow => ({
  id,
  kind: 'import',
  phase: 'running',
  progress: 0,
  epoch: 1,
  seq: 0,
  result: null,
  ...change,
})

/** Writes a state; whether anybody is told of it is the test's affair. */
export async function writeThing(db: Db, row: ThingRow): Promise<void> {
  const { id, kind, phase, progress, epoch, seq, result } = row
  await sql`insert into followed_things values (${id}, ${kind}, ${phase}, ${progress}, ${epoch}, ${seq}, ${result})
    on conflict (id) do update set phase = excluded.phase, progress = excluded.progress,
      epoch = excluded.epoch, seq = excluded.seq, result = excluded.result`.execute(db)
}

export const toPayload = ({ id, kind, phase, progress, epoch, seq }: ThingRow): string =>
  JSON.stringify({ id, kind, phase, progress, epoch, seq })

export async function notifyThing({ pool }: OpenDatabase, row: ThingRow): Promise<void> {
  await pool.query('select pg_notify($1, $2)', [thingsChannel, toPayload(row)])
}

/** Ids are whatever begins with a t. */
export function createThingSource(
  db: Db,
  said: Partial<StateFeedSource<Thing, ThingRow>> = {},
): StateFeedSource<Thing, ThingRow> {
  return {
    notifyChannel: thingsChannel,
    isId: (text) => text.startsWith('t'),
    parseProgress: (payload) => JSON.parse(payload) as Thing,
    readRows: async (ids) => {
      const { rows } = await sql<ThingRow>`
        select * from followed_things where id = any(${ids}::text[])`.execute(db)
      return rows
    },
    toProgress: ({ id, kind, phase, progress, epoch, seq }) => ({
      id,
      kind,
      phase,
      progress,
      epoch,
      seq,
    }),
    findPhase: ({ phase }) => phase,
    isShown: () => true,
    askProgress: () => Promise.resolve(undefined),
    findState: () => Promise.resolve('running'),
    endStopped: async (latest) => {
      const seq = latest.seq + 1
      await writeThing(db, thing(latest.id, { ...latest, phase: 'ended', seq, result: 'stopped' }))
    },
    ...said,
  }
}

/** A socket on `/ws/LABEL/ID` whose frames name their view. */
export function createThingView(
  label: string,
  change: Partial<StateView<Thing, ThingRow>> = {},
): StateView<Thing, ThingRow> {
  return {
    label: `/ws/${label}`,
    path: new RegExp(`^/ws/${label}/([^/]+)$`),
    accepts: () => true,
    renderProgress: ({ seq, progress }, language) => ({ view: label, language, seq, progress }),
    renderRow: ({ seq, result }, language) => ({ view: label, language, seq, result }),
    renderUnknown: (id, language) => ({ view: label, language, unknown: id }),
    commands: {},
    notUnderstood: { pt: `${label} não entende.`, en: `${label} does not understand.` },
    ...change,
  }
}
