import type { Role } from '../../db/schema/accounts.js'

/** An account that may sign in. */
export interface Account {
  readonly id: number
  readonly username: string
  readonly role: Role
}
