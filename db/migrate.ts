import { type Migration, Migrator } from 'kysely'
import type { Db } from './database.js'
import * as jobs from './migrations/0001-jobs.js'
import * as accounts from './migrations/0002-accounts.js'
import * as openJobs from './migrations/0003-open-jobs.js'
import * as models from './migrations/0004-models.js'
import * as batches from './migrations/0005-batches.js'
import * as messageSeals from './migrations/0006-message-seals.js'
import * as runs from './migrations/0007-runs.js'
import * as uniqueMessageSeals from './migrations/0008-unique-message-seals.js'
import * as callers from './migrations/0009-callers.js'
import * as accountScopes from './migrations/0010-account-scopes.js'
import * as processes from './migrations/0011-processes.js'

/** In the order of their names; one that has landed is never edited. */
const migrations: Record<string, Migration> = {
  '0001-jobs': jobs,
  '0002-accounts': accounts,
  '0003-open-jobs': openJobs,
  '0004-models': models,
  '0005-batches': batches,
  '0006-message-seals': messageSeals,
  '0007-runs': runs,
  '0008-unique-message-seals': uniqueMessageSeals,
  '0009-callers': callers,
  '0010-account-scopes': accountScopes,
  '0011-processes': processes,
}

/**
 * Brings the schema up to date. Kysely takes a lock, so several processes may call it at once.
 *
 * @returns the names of the migrations that ran
 * @throws the database's error; what the failed migration did is rolled back
 */
export async function migrateToLatest(db: Db): Promise<string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error !== undefined) throw error instanceof Error ? error : new Error('The migration failed.')
  return (results ?? []).map((result) => result.migrationName)
}

/** Whether every migration that this version knows has run; false on an empty database too. */
export async function isMigrated(db: Db): Promise<boolean> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  })
  const known = await migrator.getMigrations()
  return known.every((migration) => migration.executedAt !== undefined)
}
