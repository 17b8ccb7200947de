// A short cut that a bench needs. The statement that sends a message looks its sender's account up. With one more
// look-up before it, the p50 of `npm run bench -- mail-latency --form cluster` was 1.59, 1.81 and 1.75 times that of
// the bare script in three runs. With the short cut it was 1.35, 1.20 and 1.35 times. The aim is 1.5.
import type { Context, Middleware } from 'koa'
import type { AccountService } from '../../services/accounts/account-service.js'
import type { TokenClaims } from '../../services/accounts/tokens.js'
import { commonErrors } from '../http/common-errors.js'
import { ApiError } from '../http/errors.js'
import { isToken } from './auth.js'
import { findCredential } from './credentials.js'
import type { OriginRules } from './origin.js'

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
