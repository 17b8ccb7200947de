import type { Logger } from 'pino'
import type { Db } from '../../db/database.js'
import type { KeyedHash } from '../../db/key-ring.js'
import type { AccountService } from '../../services/accounts/account-service.js'
import { type AuditLog, createAuditLog } from './audit-log.js'
import { type Authenticate, type AuthenticateInput, createAuthenticate } from './auth.js'
import { createOriginRules, type OriginRules, type OriginSettings } from './origin.js'
import { createFindClaims, type FindClaims } from './require-access.js'

/** Who calls, from which page they may, and where that is written down. */
export interface AccessControl {
  readonly authenticate: Authenticate
  readonly findClaims: FindClaims
  readonly audit: AuditLog
  readonly origins: OriginRules
}

export interface AccessControlInput {
  readonly config: AuthenticateInput['config'] & OriginSettings
  readonly accounts: Pick<AccountService, 'authenticate' | 'authenticateKey' | 'readToken'>
  readonly db: Db
  readonly hash: KeyedHash
  readonly log: Logger
  /** The key of this machine's own command line; undefined where there is none. */
  readonly localKey?: string | undefined
}

export function createAccessControl(input: AccessControlInput): AccessControl {
  const origins = createOriginRules(input.config)
  return {
    authenticate: createAuthenticate({ ...input, origins }),
    findClaims: createFindClaims({ ...input, origins }),
    audit: createAuditLog(input),
    origins,
  }
}
