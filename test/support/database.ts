import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { type OpenDatabase, openEmbeddedDatabase, openServerDatabase } from '../../db/database.js'
import { migrateToLatest } from '../../db/migrate.js'

let shared: Promise<{ database: OpenDatabase; drop: () => Promise<void> }> | undefined

/** Where a real PostgreSQL is, if CI gave one; PGlite in memory serves otherwise. */
export const testDatabaseUrl = process.env['TEST_DATABASE_URL']

/** Those that others refer to come last. */
const tables = [
  'processes',
  'batch_chunks',
  'batches',
  'model_promotions',
  'models',
  'messages',
  'mail_counters',
  'audit',
  'api_keys',
  'accounts',
  'classifications',
  'runs',
  'idempotency_keys',
  'rate_limits',
] as const

/** One migrated database for all tests of this process, with empty tables unless told. */
export async function openTestDatabase({ keepsRows = false } = {}): Promise<OpenDatabase> {
  shared ??= open()
  const { database } = await shared
  if (keepsRows) return database
  for (const table of tables) await database.db.deleteFrom(table).execute()
  return database
}

/** For the root hook alone. */
export async function closeTestDatabase(): Promise<void> {
  const open = await shared
  shared = undefined
  await open?.database.close()
  await open?.drop()
}

/** A database of one's own on the server in TEST_DATABASE_URL. */
export async function createServerDatabase(
  serverUrl: string,
): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `triagem_test_${randomUUID().replaceAll('-', '')}`
  const url = new URL(serverUrl)
  await runOnServer(serverUrl, `create database ${name}`)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () => runOnServer(serverUrl, `drop database if exists ${name} with (force)`),
  }
}

async function open(): Promise<{ database: OpenDatabase; drop: () => Promise<void> }> {
  if (testDatabaseUrl === undefined) {
    const database = await openEmbeddedDatabase(undefined)
    await migrateToLatest(database.db)
    return { database, drop: () => Promise.resolve() }
  }
  const { url, drop } = await createServerDatabase(testDatabaseUrl)
  const database = openServerDatabase(url, () => undefined)
  await migrateToLatest(database.db)
  return { database, drop }
}

async function runOnServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
