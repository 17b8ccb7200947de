import type { Scope } from '../../config/access.js'
import type { PublicAccountRow } from '../../db/accounts.js'
import type { Role } from '../../db/schema/accounts.js'
import { combineScopes } from './account-scopes.js'

/** An account that may sign in. */
export interface Account {
  readonly id: number
  readonly username: string
  readonly role: Role
  /** All that it may do: by its role, and what it was given beside. */
  readonly scopes: readonly Scope[]
}

export const toAccount = ({ id, username, role, scopes }: PublicAccountRow): Account => ({
  id,
  username,
  role,
  scopes: combineScopes(role, scopes),
})
