import { sql } from 'kysely'
import type { EventFeedSource } from '../../../api/live/event-source.js'
import type { EventView } from '../../../api/live/event-view.js'
import type { Position } from '../../../api/live/position.js'
import type { Db, OpenDatabase } from '../../../db/database.js'

export const listsChannel = 'triagem_test_lists'

/** A change as NOTIFY carries it. */
export interface ListEvent extends Position {
  readonly text: string
}

export interface ListNews extends Position {
  /** Absent where only the position is news. */
  readonly text?: string
}

type ListSource = EventFeedSource<string, ListEvent, ListNews, string>

/** Lists of texts, and the names that may follow them: no mail, no table of ours. */
export async function createLists(db: Db): Promise<void> {
  await sql`create table watched_lists (key text primary key, epoch int not null, seq int not null)`.execute(
    db,
  )
  await sql`create table watched_entries (key text, seq int, text text)`.execute(db)
  await sql`create table watched_names (name text primary key)`.execute(db)
}

export async function dropLists(db: Db): Promise<void> {
  await sql`drop table if exists watched_lists, watched_entries, watched_names`.execute(db)
}

/** Starts a list with nothing in it. An epoch other than the present one begins its counting anew. */
export async function startList(db: Db, key: string, epoch: number): Promise<void> {
  await sql`delete from watched_entries where key = ${key}`.execute(db)
  await sql`insert into watched_lists values (${key}, ${epoch}, 0)
    on conflict (key) do update set epoch = excluded.epoch, seq = 0`.execute(db)
}

/** Adds an entry; whether anybody is told of it is the test's affair. @returns what NOTIFY would carry */
export async function addEntry(db: Db, key: string, text: string): Promise<string> {
  const { rows } = await sql<Position>`
    with counted as (update watched_lists set seq = seq + 1 where key = ${key} returning key, epoch, seq),
      added as (insert into watched_entries select key, seq, ${text} from counted)
    select epoch, seq from counted`.execute(db)
  return JSON.stringify({ key, event: { ...rows[0], text } })
}

export async function admitName(db: Db, name: string): Promise<void> {
  await sql`insert into watched_names values (${name})`.execute(db)
}

export async function dismissName(db: Db, name: string): Promise<void> {
  await sql`delete from watched_names where name = ${name}`.execute(db)
}

export async function notifyLists({ pool }: OpenDatabase, payload: string): Promise<void> {
  await pool.query('select pg_notify($1, $2)', [listsChannel, payload])
}

export function createListSource(db: Db, change: Partial<ListSource> = {}): ListSource {
  return {
    notifyChannel: listsChannel,
    parseEvent: (payload) =>
      payload.startsWith('{')
        ? (JSON.parse(payload) as { key: string; event: ListEvent | undefined })
        : undefined,
    describeEvent: ({ epoch, seq, text }) => ({ epoch, seq, text }),
    readAccess: async (names) => {
      const { rows } = await sql<{ name: string }>`
        select name from watched_names where name = any(${names}::text[])`.execute(db)
      const good = new Set(rows.map(({ name }) => name))
      return (name) => good.has(name)
    },
    readPresent: async (keys) => {
      const { rows } = await sql<{ key: string } & Position>`
        select key, coalesce(epoch, 0) as epoch, coalesce(seq, 0) as seq
        from unnest(${keys}::text[]) as asked (key) left join watched_lists using (key)`.execute(db)
      return rows.map(({ key, epoch, seq }) => ({ key, present: { epoch, seq } }))
    },
    listMissed: async (key, { present, since, limit }) => {
      const { rows } = await sql<{ seq: number; text: string }>`
        select * from (
          select seq, text from watched_entries
          where key = ${key} and seq > ${since} and seq <= ${present.seq} order by seq desc limit ${limit}
        ) as newest order by seq`.execute(db)
      return rows.map((row) => ({ ...row, epoch: present.epoch }))
    },
    ...change,
  }
}

/** A socket on `/ws/lists/KEY?name=NAME`; one without a name is not let in. */
export function createListView(
  change: Partial<EventView<string, ListNews, string>> = {},
): EventView<string, ListNews, string> {
  return {
    label: '/ws/lists',
    path: /^\/ws\/lists\/[^/]+$/,
    admit: ({ path, query }) => {
      const pass = new URLSearchParams(query).get('name')
      const key = path.slice('/ws/lists/'.length)
      return () => Promise.resolve(pass === null ? undefined : { key, pass })
    },
    render: ({ epoch, seq, text = null }) => ({ epoch, seq, text }),
    ...change,
  }
}
