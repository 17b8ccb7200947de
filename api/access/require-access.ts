import type { Middleware } from 'koa'
import type { AuditLog } from './audit-log.js'
import { type Authenticate, type Caller, isAdmin, localCallerId } from './auth.js'
import { lacksOrigin } from './credentials.js'
import { ApiError } from '../http/errors.js'
import type { Access } from '../http/route.js'
import { commonErrors } from '../http/common-errors.js'

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
