import { type Selectable, sql } from 'kysely'
import type { Scope } from '../config/access.js'
import { compileOnce } from './compile-once.js'
import type { Db } from './database.js'
import type { ApiKeysTable } from './schema/accounts.js'

/** A key without its digest. Only scopes come in, so only scopes come out. */
export type ApiKeyRow = Omit<Selectable<ApiKeysTable>, 'digest' | 'scopes'> & {
  readonly scopes: readonly Scope[]
}

const scopes = sql<readonly Scope[]>`scopes`.as('scopes')

export async function insertApiKey(
  db: Db,
  key: {
    readonly name: string
    readonly digest: Buffer
    readonly scopes: readonly Scope[]
    readonly created_by: number | null
  },
): Promise<number> {
  const { id } = await db
    .insertInto('api_keys')
    .values({ ...key, scopes: [...key.scopes] })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** One that was revoked is not found. `is_noted`: its use was noted within the last minute. */
export async function findApiKey(
  db: Db,
  digest: Buffer,
): Promise<(Pick<ApiKeyRow, 'id' | 'name' | 'scopes'> & { is_noted: boolean }) | undefined> {
  const { rows } = await db.executeQuery(keyOfDigest(db, digest))
  return rows[0]
}

const keyOfDigest = compileOnce((db, digest: Buffer) =>
  db
    .selectFrom('api_keys')
    .select(['id', 'name', scopes, isNoted.as('is_noted')])
    .where('digest', '=', digest)
    .where('revoked_at', 'is', null),
)

/** Notes that a key is used, at most once a minute. */
export async function noteApiKeyUse(db: Db, id: number): Promise<void> {
  await db
    .updateTable('api_keys')
    .set({ last_used_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where((eb) => eb.not(isNoted))
    .execute()
}

const isNoted = sql<boolean>`coalesce(last_used_at > now() - interval '1 minute', false)`

/** Revoked ones too, newest first. */
export async function listApiKeys(db: Db): Promise<ApiKeyRow[]> {
  return await db
    .selectFrom('api_keys')
    .select(['id', 'name', scopes, 'created_by', 'created_at', 'last_used_at', 'revoked_at'])
    .orderBy('id', 'desc')
    .execute()
}

/** @returns false where there is no such key, or it was revoked already */
export async function revokeApiKey(db: Db, id: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
