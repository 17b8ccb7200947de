import { type AccountDesk, createAccountDesk } from '../activities/accounts/account-desk.js'
import { createPasswords } from '../activities/accounts/passwords.js'
import { createTokens, type Tokens } from '../activities/accounts/tokens.js'
import { createMessageDesk, type MessageDesk } from '../activities/messages/message-desk.js'
import type { Config } from '../config.js'
import type { Dependencies } from '../workers/dependencies.js'

/** Accounts and how they sign in, by the settings. */
export function openAccounts({
  config,
  database,
  hash,
}: Pick<Dependencies, 'config' | 'database' | 'hash'>): AccountDesk {
  return createAccountDesk({
    db: database.db,
    pool: database.pool,
    hash,
    passwords: createPasswords(),
    tokens: openTokens(config),
  })
}

export const openTokens = (config: Config): Tokens =>
  createTokens({ secrets: config.secrets.signing, lifetimeMinutes: config.accessTokenMinutes })

export const openMessages = ({ database, keys, log }: Dependencies): MessageDesk =>
  createMessageDesk({ db: database.db, keys, log })
