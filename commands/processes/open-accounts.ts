import type { Config } from '../../config/load-config.js'
import {
  type AccountService,
  createAccountService,
} from '../../services/accounts/account-service.js'
import { createPasswords } from '../../services/accounts/passwords.js'
import { createTokens, type Tokens } from '../../services/accounts/tokens.js'
import type { Dependencies } from './dependencies.js'

/** Accounts and how they sign in, by the settings. */
export function openAccounts({
  config,
  database,
  hash,
}: Pick<Dependencies, 'config' | 'database' | 'hash'>): AccountService {
  return createAccountService({
    db: database.db,
    pool: database.pool,
    hash,
    passwords: createPasswords(),
    tokens: openTokens(config),
  })
}

export const openTokens = (config: Config): Tokens =>
  createTokens({ secrets: config.secrets.signing, lifetimeMinutes: config.accessTokenMinutes })
