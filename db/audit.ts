import type { Selectable, Transaction } from 'kysely'
import type { Db } from './database.js'
import type { AuditAction, AuditTable } from './schema/accounts.js'
import type { Database } from './schema/database.js'

/** What an entry may say: ids and keyed hashes, no name, address, token or text. */
export interface AuditEntry {
  readonly action: AuditAction
  readonly outcome: string
  readonly accountId?: number | undefined
  readonly caller?: string | undefined
  readonly subject?: string | undefined
  readonly addressHash?: string | undefined
  readonly requestId?: string | undefined
}

export type AuditRow = Selectable<AuditTable>

export async function recordAudit(
  db: Db | Transaction<Database>,
  entry: AuditEntry,
): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      action: entry.action,
      outcome: entry.outcome,
      account_id: entry.accountId ?? null,
      caller: entry.caller ?? null,
      subject: entry.subject ?? null,
      address_hash: entry.addressHash ?? null,
      request_id: entry.requestId ?? null,
    })
    .execute()
}

/** Newest first; `before` is the id of an entry. */
export async function listAudit(
  db: Db,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<AuditRow[]> {
  return await db
    .selectFrom('audit')
    .selectAll()
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? 0))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** @returns how many entries were older, and are gone */
export async function deleteAudit(db: Db, before: Date): Promise<number> {
  const result = await db.deleteFrom('audit').where('at', '<', before).executeTakeFirst()
  return Number(result.numDeletedRows)
}
