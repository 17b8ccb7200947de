import type { GeneratedAlways } from 'kysely'
import type { OpenScope, Scope } from '../../config/access.js'
import type { Defaulted } from './columns.js'

/** Layout of rate-limiter-flexible's PostgreSQL store. */
export interface RateLimitsTable {
  readonly key: string
  points: number
  expire: number | null
}

/** What an account may do: its own mail; the system's work and its records; accounts and keys too. */
export const roles = ['user', 'operator', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who signs in. Not finance's people. */
export interface AccountsTable {
  readonly id: GeneratedAlways<number>
  /** As written at registration. */
  readonly username: string
  /** Folded, so that look-alikes are one name: see services/accounts/fold-username.ts. */
  readonly username_key: string
  /** bcrypt; null once deleted. */
  password_hash: string | null
  role: Defaulted<Role>
  /** What it may do beside what its role allows. */
  scopes: Defaulted<OpenScope[]>
  /** A token of an older generation is signed out. */
  token_generation: Defaulted<number>
  readonly created_at: Defaulted<Date>
  disabled_at: Defaulted<Date | null>
  /** The row stays, without a password, so that mail it wrote can be read. */
  deleted_at: Defaulted<Date | null>
}

export interface ApiKeysTable {
  readonly id: GeneratedAlways<number>
  name: string
  /** SHA-256 of the key: it has 256 random bits, so nothing slower is needed. */
  readonly digest: Buffer
  readonly scopes: Scope[]
  readonly created_by: number | null
  readonly created_at: Defaulted<Date>
  last_used_at: Defaulted<Date | null>
  revoked_at: Defaulted<Date | null>
}

/** What is written down of who did what. */
export type AuditAction =
  | 'sign_in'
  | 'sign_out'
  | 'access'
  | 'key_use'
  | 'account_created'
  | 'account_changed'
  | 'account_removed'
  | 'key_created'
  | 'key_revoked'
  | 'model_added'
  | 'model_promoted'
  | 'model_rolled_back'

/** What happened at the door. No name, address, token or text: ids and keyed hashes. */
export interface AuditTable {
  readonly id: GeneratedAlways<number>
  readonly at: Defaulted<Date>
  readonly action: AuditAction
  readonly outcome: string
  readonly account_id: number | null
  /** `key:3`, `setting:1a2b…`, `account:7`, `open`. */
  readonly caller: string | null
  /** Keyed hash of the name that was tried, or the id of what was changed. */
  readonly subject: string | null
  readonly address_hash: string | null
  readonly request_id: string | null
}
