import { sql } from 'kysely'
import { compileOnce } from './compile-once.js'
import type { Db } from './database.js'

/** An account that may be signed in: a token of another generation is not. */
export interface AccountStanding {
  readonly id: number
  readonly generation: number
}

/** Those of the accounts that are neither disabled nor deleted, in no order. */
export async function findStandings(db: Db, ids: readonly number[]): Promise<AccountStanding[]> {
  const { rows } = await db.executeQuery(standings(db, ids))
  return rows
}

const standings = compileOnce((db, ids: readonly number[]) =>
  db
    .selectFrom('accounts')
    .select(['id', 'token_generation as generation'])
    .where('id', '=', sql<number>`any(${ids}::int[])`)
    .where('disabled_at', 'is', null)
    .where('deleted_at', 'is', null),
)
