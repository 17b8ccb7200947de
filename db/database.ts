import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { vector } from '@electric-sql/pglite-pgvector'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { preparing } from './prepared-statements.js'
import type { Database } from './schema/database.js'

export type Db = Kysely<Database>

/** The embedded database's files can't be opened: the disk is full, or they are damaged. */
export class DatabaseNotOpenedError extends Error {
  override readonly name = 'DatabaseNotOpenedError'
  constructor(cause: unknown) {
    super('The database in DATA_DIR can not be opened.', { cause })
  }
}

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
  if (folder !== undefined) await mkdir(folder, { recursive: true, mode: 0o700 })
  const embedded = await PGlite.create({
    ...(folder === undefined ? {} : { dataDir: folder }),
    extensions: { vector },
  }).catch((error: unknown) => {
    throw new DatabaseNotOpenedError(error)
  })
  const connection = endingWithPanic(inBatches(embedded), onPanic)
  const pool = new pg.Pool(Object.assign(createSharedConfig(connection), { max: 1 }))
  // A client whose connection fails is replaced; its statement says the same.
  pool.on('error', () => undefined)
  await pool.query(`set plan_cache_mode = ${planCacheMode}`)
  await boundLog(pool)
  const db = createKysely(pool)
  return {
    db,
    pool,
    embedded,
    url: undefined,
    close: async () => {
      await db.destroy()
      await embedded.close()
    },
  }
}

/**
 * Lets the log give back its room: by the server's own settings it keeps a gigabyte once it has taken it. The next
 * opening reads what is set here; until then db/upkeep.ts alone keeps it small.
 */
async function boundLog(pool: pg.Pool): Promise<void> {
  const bounds = { max_wal_size: '64MB', min_wal_size: '32MB' }
  for (const [name, value] of Object.entries(bounds)) {
    const { rows } = await pool.query<{ present: string }>(
      `select current_setting('${name}') as present`,
    )
    if (rows[0]?.present !== value) await pool.query(`alter system set ${name} = '${value}'`)
  }
}

/** Parse, Bind, Describe, Execute and Close of PostgreSQL's protocol: an answer comes only after a Sync. */
const heldTypes = new Set(Array.from('PBDEC', (letter) => letter.charCodeAt(0)))

/**
 * PGlite's connection for `pg` calls into WebAssembly once for each message of a statement. Here they wait
 * for the statement's Sync and go in together, which takes a fourth off a short one.
 */
function inBatches(embedded: PGlite): PGlite {
  let held: Uint8Array[] = []
  const execProtocolStream: PGlite['execProtocolStream'] = async (message, options) => {
    if (heldTypes.has(message[0] ?? 0)) {
      held.push(message)
      return []
    }
    const together = held.length === 0 ? message : Buffer.concat([...held, message])
    held = []
    return await embedded.execProtocolStream(together, options)
  }
  return replacingStream(embedded, execProtocolStream)
}

/**
 * All clients of the pool share one connection, one after the other: after a statement that failed the pool takes
 * another client. PGlite tells the end of one so late that the next one hears it and fails with it.
 */
function createSharedConfig(embedded: PGlite): ReturnType<typeof createPgConfig> {
  const config = createPgConfig(embedded)
  const { connection } = config
  connection.end = () => {
    for (const name of connection.eventNames())
      if (name !== 'newListener') connection.removeAllListeners(name)
    queueMicrotask(() => connection.emit('end'))
  }
  return config
}

/** The severities after which a server's session, and here the whole database, is over. */
const lastSeverities: readonly unknown[] = ['PANIC', 'FATAL']

/**
 * After a PANIC (its log could not be written) PGlite answers nothing, or nonsense: nobody shall wait for that.
 */
function endingWithPanic(embedded: PGlite, onPanic: (error: Error) => void): PGlite {
  let panic: Error | undefined
  const execProtocolStream: PGlite['execProtocolStream'] = async (message, options) => {
    if (panic !== undefined) throw panic
    const answers = await embedded.execProtocolStream(message, options)
    const last = answers.find(
      (answer) => 'severity' in answer && lastSeverities.includes(answer.severity),
    )
    if (last !== undefined) {
      panic = last instanceof Error ? last : new Error('The database panicked.')
      onPanic(panic)
    }
    return answers
  }
  return replacingStream(embedded, execProtocolStream)
}

const replacingStream = (
  embedded: PGlite,
  execProtocolStream: PGlite['execProtocolStream'],
): PGlite =>
  new Proxy(embedded, {
    get: (target, name) =>
      name === 'execProtocolStream'
        ? execProtocolStream
        : (Reflect.get(target, name, target) as unknown),
  })

/** Folder of the embedded database below DATA_DIR. */
export const embeddedDatabaseFolder = (dataDir: string): string => join(dataDir, 'postgres')

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
