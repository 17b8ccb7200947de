import {
  type AccountService,
  createAccountService,
} from '../../../services/accounts/account-service.js'
import { createPasswords } from '../../../services/accounts/passwords.js'
import { createTokens } from '../../../services/accounts/tokens.js'
import type { OpenDatabase } from '../../../db/database.js'
import { createKeyedHash } from '../../../db/key-ring.js'

export const password = 'correct horse'
export const address = '192.0.2.1'

/** A service as the product has it, but for bcrypt's cost. */
export const createTestService = (
  { db, pool }: OpenDatabase,
  now = () => new Date(),
): AccountService =>
  createAccountService({
    db,
    pool,
    passwords: createPasswords({ cost: 4 }),
    tokens: createTokens({ secrets: ['secret'], lifetimeMinutes: 30, now }),
    hash: createKeyedHash('hash key'),
  })
