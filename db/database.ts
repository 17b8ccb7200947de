import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Logger } from 'pino'
import type { Config } from '../config/load-config.js'
import { DatabaseLostError, openPglite } from './pglite.js'
import { preparing } from './prepared-statements.js'
import type { Database } from './schema/database.js'

export type Db = Kysely<Database>

/** An opened database: Kysely over `pool`, whichever form runs. */
export interface OpenDatabase {
  readonly db: Db
  readonly pool: pg.Pool
  /** The in-process database, or undefined where a server is used: only openNotifications() asks. */
  readonly embedded: PGlite | undefined
  /** What a second, dedicated connection needs; undefined when embedded. */
  readonly url: string | undefined
  close(): Promise<void>
}

const connectTimeoutMs = 3_000
/** Every statement of ours is short: one that isn't has met a lock or a dead peer. */
const statementTimeoutMs = 15_000
/** Ours find rows by their keys, whatever the values: a plan is made once, which is half of what a short one costs. */
const planCacheMode = 'force_generic_plan'

/**
 * Opens PGlite in a folder. A pool of one: whoever queries outside their transaction while inside
 * one waits for ever, so `trx` is passed down.
 *
 * @param folder where its files live, or undefined for memory
 * @param onPanic told once where it can't go on, as with a full disk; every statement fails from then on, and what was
 *   acknowledged is there when it is opened anew
 * @throws DatabaseNotOpenedError
 */
export async function openEmbeddedDatabase(
  folder: string | undefined,
  onPanic: (error: Error) => void = () => undefined,
): Promise<OpenDatabase> {
  const { pool, pglite } = await openPglite(folder, onPanic)
  await pool.query(`set plan_cache_mode = ${planCacheMode}`)
  const db = createKysely(pool)
  return {
    db,
    pool,
    embedded: pglite,
    url: undefined,
    close: async () => {
      await db.destroy()
      await pglite.close()
    },
  }
}

/** Folder of the embedded database below DATA_DIR. */
export const embeddedDatabaseFolder = (dataDir: string): string => join(dataDir, 'postgres')

/** The database that the settings name. Whoever opens the one in DATA_DIR holds the folder's lock. */
export async function openDatabase(
  { database, dataDir }: Pick<Config, 'database' | 'dataDir'>,
  log: Pick<Logger, 'warn'>,
  onPanic?: (error: Error) => void,
): Promise<OpenDatabase> {
  if (database.kind === 'embedded')
    return await openEmbeddedDatabase(embeddedDatabaseFolder(dataDir), onPanic)
  return openServerDatabase(database.url, (error) =>
    log.warn({ err: error }, 'A database connection broke; the pool opens another.'),
  )
}

/**
 * Opens a pool on a PostgreSQL server. Connects lazily: a server that is away is met by the first query.
 *
 * @param onError told of idle connections that break; the pool replaces them by itself
 */
export function openServerDatabase(url: string, onError: (error: Error) => void): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs,
    keepAlive: true,
    application_name: 'triagem',
    options: `-c plan_cache_mode=${planCacheMode}`,
  })
  pool.on('error', onError)
  // The pool listens to idle clients alone. One in use whose server goes away between two statements would
  // end the process; its next statement says the same.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = createKysely(pool)
  return { db, pool, embedded: undefined, url, close: () => db.destroy() }
}

// Our bigints are milliseconds and counts, far below 2^53: numbers, not strings.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

function createKysely(pool: pg.Pool): Db {
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: preparing(pool) }) })
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
])
/** SQLSTATE classes: connection exceptions, insufficient resources, operator intervention (shutdown). */
const unavailableStates = /^(08|53|57P)/
/** What node-postgres says in words alone. */
const unavailableMessages =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|query read timeout|cannot use a pool after calling end|not queryable|connection ended/i

/** Whether an error says that the database's disk is full: what it was to write is not written. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof DatabaseLostError ||
  (error instanceof Error && 'code' in error && error.code === '53100')

/** Whether an error says that the database is away, so that the same call may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return (
    networkCodes.has(code) ||
    unavailableStates.test(code) ||
    unavailableMessages.test(error.message)
  )
}
