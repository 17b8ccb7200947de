import type { OpenDatabase } from '../../../db/database.js'

/** How much is in the tables: what was refused must leave nothing. */
export async function countRows({
  db,
}: Pick<OpenDatabase, 'db'>): Promise<{ runs: number; keys: number }> {
  const count = async (table: 'runs' | 'idempotency_keys') => {
    const row = await db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return row.count
  }
  return { runs: await count('runs'), keys: await count('idempotency_keys') }
}
