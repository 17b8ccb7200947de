import type { Context, Middleware } from 'koa'
import type { AccountService } from '../../services/accounts/account-service.js'
import type { TokenClaims } from '../../services/accounts/tokens.js'
import { isToken } from './auth.js'
import { findCredential } from './credentials.js'
import { ApiError } from '../http/errors.js'
import type { OriginRules } from './origin.js'
import { commonErrors } from '../http/common-errors.js'

/** What the token of a request says, read once: undefined where there is none that is good. */
export type FindClaims = (ctx: Context) => Promise<TokenClaims | undefined>

export function createFindClaims({
  accounts,
  origins,
}: {
  readonly accounts: Pick<AccountService, 'readToken'>
  readonly origins: OriginRules
}): FindClaims {
  const find = async (ctx: Context) => {
    const credential = findCredential(ctx, origins)
    if (credential === undefined || credential.kind === 'key') return undefined
    return isToken(credential.secret) ? await accounts.readToken(credential.secret) : undefined
  }
  return (ctx) => (ctx.state['claims'] ??= find(ctx)) as Promise<TokenClaims | undefined>
}

/**
 * Lets through who has a good token, for a route whose own statement looks its account up: one round trip
 * less for a request that succeeds. Whatever is not answered with success is judged as everywhere else first,
 * so that an account that has ended is told nothing but that.
 */
export function requireClaims(findClaims: FindClaims, requireAccount: Middleware): Middleware {
  return async (ctx, next) => {
    const claims = await findClaims(ctx)
    if (claims === undefined) {
      await requireAccount(ctx, next)
      return
    }
    ctx.state['sender'] = claims
    try {
      await next()
    } catch (error) {
      await requireAccount(ctx, () => {
        throw error
      })
    }
  }
}

/** @throws ApiError 401 where who called is no account */
export function getClaims(ctx: Context): TokenClaims {
  const claims = ctx.state['sender'] as TokenClaims | undefined
  if (claims === undefined) throw new ApiError(commonErrors.sign_in_required)
  return claims
}
