import type { Middleware } from 'koa'
import { commonErrors } from './common-errors.js'
import { ApiError } from './errors.js'

/** Whoever asks for a socket's path without a handshake is told what is spoken there. */
export function createUpgradeRequired(): Middleware {
  return async (ctx, next) => {
    if (!/^\/ws(?:\/|$)/.test(ctx.path)) {
      await next()
      return
    }
    ctx.set({ Connection: 'Upgrade', Upgrade: 'websocket' })
    throw new ApiError(commonErrors.upgrade_required)
  }
}
