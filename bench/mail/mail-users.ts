import { z } from 'zod'
import { foldUsername } from '../../services/accounts/fold-username.js'
import { createTokens } from '../../services/accounts/tokens.js'
import { openServerDatabase } from '../../db/database.js'
import { migrateToLatest } from '../../db/migrate.js'
import type { RunningProduct } from '../support/product.js'
import { postJson } from './post.js'

/** An account of the bench, signed in. */
export interface MailUser {
  readonly id: number
  readonly username: string
  readonly token: string
}

interface NamedAccount {
  readonly id: number
  readonly username: string
}

const tokenMinutes = 24 * 60
/** What registered accounts sign in with. */
export const benchPassword = 'a bench password'

const nameOf = (index: number) => `Bench user ${index}`

/**
 * Accounts of a running product: straight into PostgreSQL where it has one, since a thousand registrations
 * are minutes of bcrypt; by registration in the one-machine form, whose database nobody else may open.
 */
export async function createMailUsers(product: RunningProduct, count: number): Promise<MailUser[]> {
  const { databaseUrl, signingSecret } = product
  const accounts =
    databaseUrl === undefined
      ? await registerAccounts(product, count)
      : await insertAccounts(databaseUrl, count)
  const tokens = createTokens({ secrets: [signingSecret], lifetimeMinutes: tokenMinutes })
  return await Promise.all(
    accounts.map(async ({ id, username }) => ({
      id,
      username,
      token: await tokens.issue({ username, accountId: id, generation: 0 }),
    })),
  )
}

/** The product's tables and accounts in an empty database. The peer asks for no token. */
export async function createBareUsers(databaseUrl: string, count: number): Promise<MailUser[]> {
  const accounts = await insertAccounts(databaseUrl, count)
  return accounts.map((account) => ({ ...account, token: 'none' }))
}

async function insertAccounts(databaseUrl: string, count: number): Promise<NamedAccount[]> {
  const database = openServerDatabase(databaseUrl, (error) => console.error(error.message))
  try {
    await migrateToLatest(database.db)
    return await database.db
      .insertInto('accounts')
      .values(
        Array.from({ length: count }, (_, index) => ({
          username: nameOf(index),
          username_key: foldUsername(nameOf(index)),
          password_hash: null,
        })),
      )
      .returning(['id', 'username'])
      .execute()
  } finally {
    await database.close()
  }
}

async function registerAccounts(product: RunningProduct, count: number): Promise<NamedAccount[]> {
  const accounts: NamedAccount[] = []
  for (let index = 0; index < count; index++)
    accounts.push(await registerAccount(product, nameOf(index)))
  return accounts
}

const registered = z.object({ id: z.int(), username: z.string() })

/** Registers as people do, with bcrypt, so that the account can sign in with benchPassword. */
export async function registerAccount(
  { url }: Pick<RunningProduct, 'url'>,
  username: string,
): Promise<NamedAccount> {
  return registered.parse(await postJson(`${url}/users/`, { username, password: benchPassword }))
}
