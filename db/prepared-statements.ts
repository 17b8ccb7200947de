import { createHash } from 'node:crypto'
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import type pg from 'pg'

/** Texts that vary without end (a list in `in (…)`) must not fill the server's memory: the rest goes unnamed. */
const maxNames = 200
/** What node-postgres says where `query_timeout` has passed. */
const noAnswer = 'Query read timeout'

/**
 * A pool for Kysely whose statements are prepared by name: each is parsed and planned once for each
 * connection, which is more than half of what a short one costs. Not for a transaction-mode pooler.
 *
 * A connection whose server didn't answer in time is not used again: it may carry out later what it was told, a `begin`
 * too, and then nothing that others write by it would be committed.
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
    let unanswered: Error | undefined
    function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>
    function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
    function query<R>(
      text: string | PostgresCursor<R>,
      values: readonly unknown[] = [],
    ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
      // The rollback of a transaction that got no answer would wait for one as long again.
      if (unanswered !== undefined) return Promise.reject(unanswered)
      if (typeof text !== 'string') throw new Error('Nothing here reads by cursor.')
      const name = values.length === 0 ? undefined : findName(text)
      const statement = { text, values: [...values], ...(name === undefined ? {} : { name }) }
      const answer = client.query<R & pg.QueryResultRow>(statement).catch((error: unknown) => {
        if (error instanceof Error && error.message === noAnswer) unanswered = error
        throw error
      })
      return answer as Promise<PostgresQueryResult<R>>
    }
    return { query, release: () => client.release(unanswered) }
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
