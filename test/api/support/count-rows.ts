import type { OpenDatabase } from '../../../db/database.js'

/** How much is in the tables: what was refused must leave nothing. */
export async function countRows({
  db,
}: Pick<OpenDatabase, 'db'>): Promise<{ jobs: number; keys: number }> {
  const count = async (table: 'jobs' | 'idempotency_keys') => {
    const row = await db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return row.count
  }
  return { jobs: await count('jobs'), keys: await count('idempotency_keys') }
}
