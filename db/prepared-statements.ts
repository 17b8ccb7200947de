import { createHash } from 'node:crypto'
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import type pg from 'pg'

/** Texts that vary without end (a list in `in (…)`) must not fill the server's memory: the rest goes unnamed. */
const maxNames = 200

/**
 * A pool for Kysely whose statements are prepared by name: each is parsed and planned once for each
 * connection, which is more than half of what a short one costs. Not for a transaction-mode pooler.
 */
export function preparing(pool: pg.Pool): PostgresPool {
  const names = new Map<string, string>()
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>()

  const findName = (text: string): string | undefined => {
    const known = names.get(text)
    if (known !== undefined || names.size >= maxNames) return known
    const name = `k${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
    names.set(text, name)
    return name
  }

  const prepare = (client: pg.PoolClient): PostgresPoolClient => {
    function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>
    function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
    function query<R>(
      text: string | PostgresCursor<R>,
      values: readonly unknown[] = [],
    ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
      if (typeof text !== 'string') throw new Error('Nothing here reads by cursor.')
      const name = values.length === 0 ? undefined : findName(text)
      const statement = { text, values: [...values], ...(name === undefined ? {} : { name }) }
      return client.query<R & pg.QueryResultRow>(statement) as Promise<PostgresQueryResult<R>>
    }
    return { query, release: () => client.release() }
  }

  return {
    connect: async () => {
      const client = await pool.connect()
      const known = clients.get(client) ?? prepare(client)
      clients.set(client, known)
      return known
    },
    end: () => pool.end(),
  }
}
