import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { packageRoot } from '../../config/package.js'
import { createServerDatabase } from '../../test/support/database.js'
import { freePort } from '../../test/support/free-port.js'
import { BenchSetUpError } from './set-up-error.js'
import type { Later } from './with-cleanup.js'

const run = promisify(execFile)
const script = join(packageRoot, '.ci', 'postgres.sh')
const serverBinaries = '/usr/lib/postgresql/15/bin'

/** Where there is no PostgreSQL to be had. */
export const noPostgres =
  'It needs a PostgreSQL server with pgvector: set TEST_DATABASE_URL, or run it as root after .ci/install-postgres.sh.'

/**
 * An empty database on a real PostgreSQL: the server of TEST_DATABASE_URL, or one of our own.
 *
 * @returns its URL, or undefined where neither is possible
 * @throws BenchSetUpError where the server doesn't do
 */
export async function openPostgres(later: Later): Promise<string | undefined> {
  const server = process.env['TEST_DATABASE_URL'] ?? (await startServer(later))
  if (server === undefined) return undefined
  const { url, drop } = await createServerDatabase(server).catch((error: unknown) => {
    throw new BenchSetUpError(
      `The PostgreSQL server gives no database: ${String(error)}. ${noPostgres}`,
    )
  })
  later(drop)
  if (!(await hasVectors(url)))
    throw new BenchSetUpError(`This PostgreSQL server lacks pgvector. ${noPostgres}`)
  return url
}

async function hasVectors(url: string): Promise<boolean> {
  const available = `select from pg_available_extensions where name = 'vector'`
  return (await ask(url, available)).rowCount === 1
}

export async function readPostgresVersion(url: string): Promise<string> {
  const { rows } = await ask<{ server_version: string }>(url, 'show server_version')
  return rows[0]?.server_version ?? 'unknown'
}

async function ask<Row extends pg.QueryResultRow>(
  url: string,
  query: string,
): Promise<pg.QueryResult<Row>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query<Row>(query)
  } finally {
    await client.end()
  }
}

async function startServer(later: Later): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined
  if (!existsSync(script) || !existsSync(join(serverBinaries, 'initdb'))) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'bench-pg-'))
  later(() => run(script, ['stop', folder]))
  const { stdout } = await run(script, ['start', folder, String(await freePort())])
  return stdout.trim()
}
