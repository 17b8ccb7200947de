import type { Context } from 'koa'
import { z } from 'zod'
import type { AccountService } from '../../../services/accounts/account-service.js'
import type { AuditLog } from '../../access/audit-log.js'
import { getAccount } from '../../access/auth.js'
import { findCredential } from '../../access/credentials.js'
import type { OriginRules } from '../../access/origin.js'
import { setSessionCookie } from '../../access/credentials.js'
import { commonErrors } from '../../http/common-errors.js'
import { getReceivedBody, parseFields } from '../../http/body.js'
import { ApiError } from '../../http/errors.js'
import { readerLanguage } from '../../http/reader-language.js'
import type { Route } from '../../http/route.js'
import { accountErrors } from './errors.js'

export interface OwnPasswordInput {
  readonly accounts: Pick<AccountService, 'changeOwnPassword'>
  readonly audit: AuditLog
  readonly origins: OriginRules
  readonly lifetimeMinutes: number
}

const passwords = z
  .object({
    current: z.string(),
    new: z.string().describe('at least 8 characters, at most 72 bytes, no NUL'),
  })
  .meta({ id: 'OwnPassword' })
const changed = z
  .object({
    message: z.string(),
    access_token: z.string().optional().describe('to go on with, where the call had a token'),
    token_type: z.literal('bearer').optional(),
  })
  .meta({ id: 'OwnPasswordChanged' })

/** Whoever is signed in changes their own password, and goes on; every other session ends. */
export function createOwnPasswordRoute(input: OwnPasswordInput): Route {
  return {
    method: 'put',
    path: '/accounts/me/password',
    summary: 'Change one’s own password: every other session ends, the caller gets a new one',
    tag: 'Accounts',
    access: 'account',
    problemsAs: 'sentence',
    maxBodyBytes: 16 * 1024,
    request: { 'application/json': passwords },
    success: { description: 'It is changed; a cookie is replaced by the answer', body: changed },
    errors: [
      accountErrors.wrong_password,
      commonErrors.body_too_large,
      accountErrors.invalid_password,
      commonErrors.invalid_field,
      accountErrors.too_many_sign_ins,
      accountErrors.busy,
    ],
    handle: (ctx) => changeOwnPassword(ctx, input),
  }
}

async function changeOwnPassword(
  ctx: Context,
  { accounts, audit, origins, lifetimeMinutes }: OwnPasswordInput,
): Promise<void> {
  const { id } = getAccount(ctx)
  const { current, new: next } = parseFields(passwords, getReceivedBody(ctx).fields)
  const token = await accounts.changeOwnPassword({ accountId: id, current, next })
  if (token === undefined) throw new ApiError(commonErrors.sign_in_required)
  await audit.record(ctx, {
    action: 'account_changed',
    outcome: 'own_password',
    subject: String(id),
  })
  const isPage = findCredential(ctx, origins)?.kind === 'cookie'
  if (isPage) setSessionCookie(ctx, token, lifetimeMinutes)
  ctx.set('Cache-Control', 'no-store')
  const english = readerLanguage(ctx.get('Accept-Language')) === 'en'
  ctx.body = {
    message: english ? 'Password changed.' : 'Senha alterada.',
    ...(isPage ? {} : { access_token: token, token_type: 'bearer' as const }),
  } satisfies z.infer<typeof changed>
}
