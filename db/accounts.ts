import { type Expression, type Selectable, sql, type SqlBool, type Transaction } from 'kysely'
import type { OpenScope } from '../config/access.js'
import { accountEventsChannel, type AccountEvent } from './account-events.js'
import { compileOnce } from './compile-once.js'
import type { Db } from './database.js'
import type { AccountsTable, Role } from './schema/accounts.js'
import type { Database } from './schema/database.js'

export type AccountRow = Selectable<AccountsTable>

/** An account as others may see it. */
export type PublicAccountRow = Pick<AccountRow, 'id' | 'username' | 'role' | 'scopes'>

export interface NewAccount {
  readonly username: string
  readonly username_key: string
  readonly password_hash: string
  readonly role: Role
  readonly scopes?: readonly OpenScope[]
}

const publicColumns = ['id', 'username', 'role', 'scopes'] as const

/** @returns undefined where the name is taken, if only by somebody at the same moment */
export async function insertAccount(
  db: Db,
  account: NewAccount,
): Promise<PublicAccountRow | undefined> {
  return await db
    .insertInto('accounts')
    .values({ ...account, scopes: [...(account.scopes ?? [])] })
    .onConflict((conflict) => conflict.column('username_key').doNothing())
    .returning(publicColumns)
    .executeTakeFirst()
}

/** @returns undefined where there is an account already; of two at once with one name, for one of them */
export async function insertFirstAccount(
  db: Db,
  { username, username_key, password_hash, role }: NewAccount,
): Promise<PublicAccountRow | undefined> {
  const { rows } = await sql<PublicAccountRow>`
    insert into accounts (username, username_key, password_hash, role)
    select ${username}::text, ${username_key}::text, ${password_hash}::text, ${role}::text
    where not exists (select from accounts)
    on conflict (username_key) do nothing
    returning id, username, role, scopes`.execute(db)
  return rows[0]
}

/** Also where all were deleted: their rows stay. */
export async function hasAccounts(db: Db): Promise<boolean> {
  const row = await db.selectFrom('accounts').select('id').limit(1).executeTakeFirst()
  return row !== undefined
}

/** One that was deleted is not found. */
export async function findAccount(db: Db, id: number): Promise<AccountRow | undefined> {
  return await db
    .selectFrom('accounts')
    .selectAll()
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

/** Also one that was deleted: its name stays taken. */
export async function findAccountByKey(db: Db, key: string): Promise<AccountRow | undefined> {
  return await db
    .selectFrom('accounts')
    .selectAll()
    .where('username_key', '=', key)
    .executeTakeFirst()
}

/** The account that a token speaks of, unless it ended or its tokens of this generation did. */
export async function findSignedInAccount(
  db: Db,
  { accountId, username, generation }: { accountId: number; username: string; generation: number },
): Promise<PublicAccountRow | undefined> {
  const { rows } = await db.executeQuery(signedInAccount(db, accountId, username, generation))
  return rows[0]
}

const signedInAccount = compileOnce((db, id: number, username: string, generation: number) =>
  db
    .selectFrom('accounts')
    .select(publicColumns)
    .where('id', '=', id)
    .where('username', '=', username)
    .where('token_generation', '=', generation)
    .where(isEnabled),
)

/** Those of these accounts that may sign in, and which generation of their tokens is good. */
export async function listGenerations(
  db: Db,
  ids: readonly number[],
): Promise<Pick<AccountRow, 'id' | 'token_generation'>[]> {
  return await db
    .selectFrom('accounts')
    .select(['id', 'token_generation'])
    .where('id', '=', sql<number>`any(${ids}::int[])`)
    .where(isEnabled)
    .execute()
}

/** In the order of their ids; deleted ones left out. */
export async function listAccounts(
  db: Db,
  { exceptId, skip, limit }: { exceptId: number; skip: number; limit?: number | undefined },
): Promise<Pick<AccountRow, 'id' | 'username'>[]> {
  return await db
    .selectFrom('accounts')
    .select(['id', 'username'])
    .where('id', '!=', exceptId)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .offset(skip)
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute()
}

/** As listAccounts(), for who keeps them. */
export async function listAccountStates(
  db: Db,
  { skip, limit }: { skip: number; limit?: number | undefined },
): Promise<(PublicAccountRow & Pick<AccountRow, 'created_at' | 'disabled_at'>)[]> {
  return await db
    .selectFrom('accounts')
    .select([...publicColumns, 'created_at', 'disabled_at'])
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .offset(skip)
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute()
}

export type AccountChange =
  | { readonly kind: 'role'; readonly role: Role }
  | { readonly kind: 'scopes'; readonly scopes: readonly OpenScope[] }
  | { readonly kind: 'enable' | 'disable' | 'sign_out' | 'delete' }
  | { readonly kind: 'password'; readonly hash: string }

/**
 * Changes an account. What signs it out tells its sockets in the same transaction.
 *
 * @returns `last_admin` where nobody would be left to give rights: then nothing is changed
 */
export async function changeAccount(
  db: Db,
  id: number,
  change: AccountChange,
): Promise<'changed' | 'missing' | 'last_admin'> {
  return await db.transaction().execute(async (trx) => {
    if (takesAdmin(change) && (await isLastAdmin(trx, id))) return 'last_admin'
    const changed = await trx
      .updateTable('accounts')
      .set((eb) => ({
        ...newValues(change),
        ...(signsOut(change) ? { token_generation: eb('token_generation', '+', 1) } : {}),
      }))
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    if (changed.numUpdatedRows === 0n) return 'missing'
    if (signsOut(change)) await notify(trx, { kind: 'ended', account: id })
    return 'changed'
  })
}

function newValues(change: AccountChange): {
  role?: Role
  scopes?: OpenScope[]
  password_hash?: string | null
  disabled_at?: Date | null | Expression<Date>
  deleted_at?: Expression<Date>
} {
  switch (change.kind) {
    case 'role':
      return { role: change.role }
    case 'scopes':
      return { scopes: [...change.scopes] }
    case 'password':
      return { password_hash: change.hash }
    case 'enable':
      return { disabled_at: null }
    case 'disable':
      return { disabled_at: sql<Date>`coalesce(disabled_at, now())` }
    case 'delete':
      return { password_hash: null, deleted_at: sql<Date>`now()` }
    case 'sign_out':
      return {}
  }
}

const signsOut = ({ kind }: AccountChange): boolean =>
  kind !== 'role' && kind !== 'scopes' && kind !== 'enable'

const takesAdmin = (change: AccountChange): boolean =>
  change.kind === 'disable' ||
  change.kind === 'delete' ||
  (change.kind === 'role' && change.role !== 'admin')

/** Locks all admins, in one order: of two who take each other's right away the second sees what the first did. */
async function isLastAdmin(trx: Transaction<Database>, id: number): Promise<boolean> {
  const admins = await trx
    .selectFrom('accounts')
    .select('id')
    .where('role', '=', 'admin')
    .where(isEnabled)
    .orderBy('id')
    .forUpdate()
    .execute()
  return admins.length === 1 && admins[0]?.id === id
}

async function notify(trx: Transaction<Database>, event: AccountEvent): Promise<void> {
  await sql`select pg_notify(${accountEventsChannel}, ${JSON.stringify(event)})`.execute(trx)
}

const isEnabled = sql<SqlBool>`(disabled_at is null and deleted_at is null)`
