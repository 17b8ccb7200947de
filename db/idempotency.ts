import type { Transaction } from 'kysely'
import type { Db } from './database.js'
import type { Database } from './schema/database.js'

/** Names one request that may be sent twice: who sent it where, by which key, with what in it. */
export interface IdempotencyKey {
  readonly scope: string
  readonly keyHash: string
  readonly bodyHash: string
}

/** What a key stands for: a kind of thing, a kind of run for one, and its id, whatever that looks like. */
export interface IdempotencyTarget {
  readonly kind: string
  readonly id: string
}

export interface KnownTarget extends IdempotencyTarget {
  readonly bodyHash: string
}

/**
 * Claims a key for something new. Of two callers at once the second waits for the first's transaction.
 *
 * @returns undefined where the key is now ours, or what it already stands for
 */
export async function claimIdempotencyKey(
  trx: Transaction<Database>,
  key: IdempotencyKey,
  target: IdempotencyTarget,
): Promise<KnownTarget | undefined> {
  const inserted = await trx
    .insertInto('idempotency_keys')
    .values({
      scope: key.scope,
      key_hash: key.keyHash,
      body_hash: key.bodyHash,
      kind: target.kind,
      target_id: target.id,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('target_id')
    .executeTakeFirst()
  if (inserted !== undefined) return undefined
  const known = await findIdempotencyKey(trx, key)
  if (known === undefined) throw new Error('A key that was there is gone.')
  return known
}

/** @returns what a key stands for, where it stands for anything */
export async function findIdempotencyKey(
  db: Db | Transaction<Database>,
  key: IdempotencyKey,
): Promise<KnownTarget | undefined> {
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['kind', 'target_id', 'body_hash'])
    .where('scope', '=', key.scope)
    .where('key_hash', '=', key.keyHash)
    .executeTakeFirst()
  return row && { kind: row.kind, id: row.target_id, bodyHash: row.body_hash }
}

/** Gives a key that was just claimed the id of what it stands for, where that is known only afterwards. */
export async function pointIdempotencyKey(
  trx: Transaction<Database>,
  key: IdempotencyKey,
  targetId: string,
): Promise<void> {
  await trx
    .updateTable('idempotency_keys')
    .set({ target_id: targetId })
    .where('scope', '=', key.scope)
    .where('key_hash', '=', key.keyHash)
    .execute()
}

/**
 * Marks a key as answered to a second caller.
 *
 * @returns false where what it stood for was taken back meanwhile
 */
export async function joinIdempotencyKey(db: Db, key: IdempotencyKey): Promise<boolean> {
  const row = await db
    .updateTable('idempotency_keys')
    .set({ joined: true })
    .where('scope', '=', key.scope)
    .where('key_hash', '=', key.keyHash)
    .returning('target_id')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Takes a key back, unless a second caller was already given what it stands for.
 *
 * @returns whether it was taken back
 */
export async function releaseIdempotencyKey(
  trx: Transaction<Database>,
  key: IdempotencyKey,
): Promise<boolean> {
  const row = await trx
    .deleteFrom('idempotency_keys')
    .where('scope', '=', key.scope)
    .where('key_hash', '=', key.keyHash)
    .where('joined', '=', false)
    .returning('target_id')
    .executeTakeFirst()
  return row !== undefined
}

export async function deleteIdempotencyKeys(db: Db, before: Date): Promise<number> {
  const result = await db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', before)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
