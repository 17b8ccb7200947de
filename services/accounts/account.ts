import type { Role } from '../../db/schema/accounts.js'

/** An account that may sign in. */
export interface Account {
  readonly id: number
  readonly username: string
  readonly role: Role
}

/** One whose token was just found good. */
export interface SignedInAccount extends Account {
  /** Of its tokens: an older token is signed out. */
  readonly generation: number
}
