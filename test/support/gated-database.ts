import { Kysely, PostgresDialect } from 'kysely'
import type { OpenDatabase } from '../../db/database.js'

/** The test database behind a gate: while it is shut every connection is refused, as if it were away. */
export interface GatedDatabase extends OpenDatabase {
  shut(): void
  open(): void
  /** Connections given out, one for each statement or transaction. */
  connections(): number
  refusals(): number
}

export function putBehindGate(database: OpenDatabase): GatedDatabase {
  let isShut = false
  let connections = 0
  let refusals = 0
  const { pool } = database
  const dialect = new PostgresDialect({
    pool: {
      connect: async () => {
        if (isShut) {
          refusals++
          throw Object.assign(new Error('The gate is shut.'), { code: 'ECONNREFUSED' })
        }
        connections++
        return await pool.connect()
      },
      end: () => Promise.resolve(),
    },
  })
  return {
    ...database,
    db: new Kysely({ dialect }),
    shut: () => {
      isShut = true
    },
    open: () => {
      isShut = false
    },
    connections: () => connections,
    refusals: () => refusals,
  }
}
