import type { Context, Middleware } from 'koa'
import type { AccountService } from '../../services/accounts/account-service.js'
import type { TokenClaims } from '../../services/accounts/tokens.js'
import { commonErrors } from '../http/common-errors.js'
import { ApiError } from '../http/errors.js'
import type { Access } from '../http/route.js'
import type { AuditLog } from './audit-log.js'
import { type Authenticate, type Caller, isAdmin, isToken, localCallerId } from './auth.js'
import { findCredential, lacksOrigin } from './credentials.js'
import type { OriginRules } from './origin.js'

/** Lets through who may call, and leaves the caller in `ctx.state.caller`. */
export function requireAccess(
  access: Access,
  authenticate: Authenticate,
  audit: AuditLog,
): Middleware {
  if (access === 'public' || access === 'capability') return (_ctx, next) => next()
  return async (ctx, next) => {
    try {
      const caller = await authenticate(ctx)
      ctx.state['caller'] = caller
      check(access, caller)
      if (access === 'operator') await audit.recordKeyUse(ctx, caller)
      await next()
    } catch (error) {
      const refused = error instanceof ApiError && (error.status === 401 || error.status === 403)
      if (!refused) throw error
      await audit.recordRefusal(ctx, error.status)
      const isKeyRoute = access !== 'account' && access !== 'admin'
      if (error.declared !== commonErrors.unauthorized || isKeyRoute) throw error
      throw new ApiError(
        lacksOrigin(ctx) ? commonErrors.origin_required : commonErrors.sign_in_required,
      )
    }
  }
}

/** @throws ApiError 401 to who didn't say who they are, 403 to who may not */
function check(access: Exclude<Access, 'public' | 'capability'>, caller: Caller): void {
  if (isAllowed(access, caller)) return
  // A key is no account: there is nothing that it could be allowed.
  throw caller.id === 'open' || access === 'account'
    ? new ApiError(commonErrors.unauthorized)
    : new ApiError(commonErrors.forbidden)
}

function isAllowed(access: Exclude<Access, 'public' | 'capability'>, caller: Caller): boolean {
  switch (access) {
    case 'account':
      return caller.account !== undefined || caller.id === localCallerId
    case 'scoped':
      return caller.scopes.length > 0
    case 'admin':
      return isAdmin(caller)
    case 'classify':
    case 'finance':
    case 'chat':
    case 'mailbox':
    case 'operator':
      return caller.scopes.includes(access)
  }
}

// What follows is a short cut that a bench needs. The statement that sends a message looks its sender's account up.
// With one more look-up before it, the p50 of `npm run bench -- mail-latency --form cluster` was 1.59, 1.81 and 1.75
// times that of the bare script in three runs. With the short cut it was 1.35, 1.20 and 1.35 times. The aim is 1.5.

/** Gives what the token of a request says, without a look at its account; undefined without a good token. */
export type FindClaims = (ctx: Context) => Promise<TokenClaims | undefined>

export function createFindClaims({
  accounts,
  origins,
}: {
  readonly accounts: Pick<AccountService, 'readToken'>
  readonly origins: OriginRules
}): FindClaims {
  return async (ctx) => {
    const credential = findCredential(ctx, origins)
    if (credential === undefined || credential.kind === 'key') return undefined
    return isToken(credential.secret) ? await accounts.readToken(credential.secret) : undefined
  }
}

/**
 * Lets through whoever has a good token, for a route that checks the account itself (see Route.checksAccount).
 * When such a request fails, the account is checked as on every other route before the failure is answered:
 * an account that has ended is told that and nothing else.
 */
export function requireClaims(findClaims: FindClaims, requireAccount: Middleware): Middleware {
  return async (ctx, next) => {
    const claims = await findClaims(ctx)
    if (claims === undefined) {
      await requireAccount(ctx, next)
      return
    }
    ctx.state['claims'] = claims
    try {
      await next()
    } catch (error) {
      await requireAccount(ctx, () => {
        throw error
      })
    }
  }
}

/** @throws ApiError 401 where the caller is no account */
export function getClaims(ctx: Context): TokenClaims {
  const claims = ctx.state['claims'] as TokenClaims | undefined
  if (claims === undefined) throw new ApiError(commonErrors.sign_in_required)
  return claims
}
