import { mkdir } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'

/** The embedded database's files can't be opened: the disk is full, or they are damaged. */
export class DatabaseNotOpenedError extends Error {
  override readonly name = 'DatabaseNotOpenedError'
  constructor(folder: string | undefined, cause: unknown) {
    super(
      `The database in ${folder ?? 'memory'} could not be opened: make room where its disk is full, or put back a copy of DATA_DIR where its files are damaged.`,
      { cause },
    )
  }
}

/** The embedded database stopped while it ran. What it had acknowledged is on the disk. */
export class DatabaseLostError extends Error {
  override readonly name = 'DatabaseLostError'
  constructor(cause: Error) {
    super(
      /no space|quota/i.test(cause.message)
        ? 'The disk of DATA_DIR is full, so the database stopped: make room, then start again; nothing that was accepted is lost.'
        : `The database stopped (${cause.message}): start again; nothing that was accepted is lost.`,
      { cause },
    )
  }
}

/**
 * Opens PGlite with a real pool over it, of one client.
 *
 * @param folder where its files live, or undefined for memory
 * @param onPanic told once where it can't go on, as with a full disk; every statement fails from then on
 * @throws DatabaseNotOpenedError
 */
export async function openPglite(
  folder: string | undefined,
  onPanic: (error: Error) => void,
): Promise<{ readonly pglite: PGlite; readonly pool: pg.Pool }> {
  if (folder !== undefined) await mkdir(folder, { recursive: true, mode: 0o700 })
  const pglite = await PGlite.create({
    ...(folder === undefined ? {} : { dataDir: folder }),
    extensions: { vector },
  }).catch((error: unknown) => {
    throw new DatabaseNotOpenedError(folder, error)
  })
  const connection = endingWithPanic(inBatches(pglite), onPanic)
  const pool = new pg.Pool(Object.assign(createSharedConfig(connection), { max: 1 }))
  // A client whose connection fails is replaced; its statement says the same.
  pool.on('error', () => undefined)
  await boundLog(pool)
  return { pglite, pool }
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
function inBatches(pglite: PGlite): PGlite {
  let held: Uint8Array[] = []
  const execProtocolStream: PGlite['execProtocolStream'] = async (message, options) => {
    if (heldTypes.has(message[0] ?? 0)) {
      held.push(message)
      return []
    }
    const together = held.length === 0 ? message : Buffer.concat([...held, message])
    held = []
    return await pglite.execProtocolStream(together, options)
  }
  return replacingStream(pglite, execProtocolStream)
}

/**
 * All clients of the pool share one connection, one after the other: after a statement that failed the pool takes
 * another client. PGlite tells the end of one so late that the next one hears it and fails with it.
 */
function createSharedConfig(pglite: PGlite): ReturnType<typeof createPgConfig> {
  const config = createPgConfig(pglite)
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
function endingWithPanic(pglite: PGlite, onPanic: (error: Error) => void): PGlite {
  let panic: Error | undefined
  const execProtocolStream: PGlite['execProtocolStream'] = async (message, options) => {
    if (panic !== undefined) throw panic
    const answers = await pglite.execProtocolStream(message, options)
    const last = answers.find(
      (answer) => 'severity' in answer && lastSeverities.includes(answer.severity),
    )
    if (last !== undefined) {
      panic = new DatabaseLostError(last instanceof Error ? last : new Error('it panicked'))
      onPanic(panic)
    }
    return answers
  }
  return replacingStream(pglite, execProtocolStream)
}

const replacingStream = (
  pglite: PGlite,
  execProtocolStream: PGlite['execProtocolStream'],
): PGlite =>
  new Proxy(pglite, {
    get: (target, name) =>
      name === 'execProtocolStream'
        ? execProtocolStream
        : (Reflect.get(target, name, target) as unknown),
  })
