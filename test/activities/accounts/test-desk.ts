import { type AccountDesk, createAccountDesk } from '../../../activities/accounts/account-desk.js'
import { createPasswords } from '../../../activities/accounts/passwords.js'
import { createTokens } from '../../../activities/accounts/tokens.js'
import type { OpenDatabase } from '../../../db/database.js'
import { createKeyedHash } from '../../../db/key-ring.js'

export const password = 'correct horse'
export const address = '192.0.2.1'

/** A desk as the product has it, but for bcrypt's cost. */
export const createTestDesk = ({ db, pool }: OpenDatabase, now = () => new Date()): AccountDesk =>
  createAccountDesk({
    db,
    pool,
    passwords: createPasswords({ cost: 4 }),
    tokens: createTokens({ secrets: ['secret'], lifetimeMinutes: 30, now }),
    hash: createKeyedHash('hash key'),
  })
