import type { Context } from 'koa'
import { z } from 'zod'
import { AccountError, type AccountService } from '../../../services/accounts/account-service.js'
import { foldUsername } from '../../../services/accounts/fold-username.js'
import type { SignedIn } from '../../../services/accounts/sign-in.js'
import { roles } from '../../../db/schema/accounts.js'
import type { AuditLog } from '../../access/audit-log.js'
import { getAccount } from '../../access/auth.js'
import { getReceivedBody, parseFields } from '../../http/body.js'
import { readerLanguage } from '../../http/reader-language.js'
import type { Route } from '../../http/route.js'
import { clearSessionCookie, setSessionCookie } from '../../access/credentials.js'
import { findDevicePass, setDeviceCookie } from '../../access/device-cookie.js'
import { accountErrors } from './errors.js'
import { commonErrors } from '../../http/common-errors.js'

export interface SignInRoutesInput {
  readonly accounts: AccountService
  readonly audit: AuditLog
  readonly lifetimeMinutes: number
}

const credentials = z
  .object({ username: z.string(), password: z.string(), grant_type: z.string().optional() })
  .meta({ id: 'Credentials' })
const tokenSchema = z
  .object({ access_token: z.string(), token_type: z.literal('bearer') })
  .meta({ id: 'Token' })
const sessionSchema = z
  .object({ id: z.int(), username: z.string(), role: z.enum(roles) })
  .meta({ id: 'Session' })
const signOutBody = z.object({ everywhere: z.boolean().optional() }).meta({ id: 'SignOut' })
const maxBodyBytes = 16 * 1024

/** Section 2 of the contract, its door: a token for scripts and old pages, a cookie for ours. */
export function createSignInRoutes(input: SignInRoutesInput): Route[] {
  const { accounts, audit } = input
  const common = { method: 'post', tag: 'Accounts', problemsAs: 'sentence', maxBodyBytes } as const
  const door = {
    ...common,
    access: 'public',
    request: { 'application/x-www-form-urlencoded': credentials, 'application/json': credentials },
    errors: [
      accountErrors.wrong_credentials,
      commonErrors.body_too_large,
      commonErrors.invalid_field,
      accountErrors.too_many_sign_ins,
      accountErrors.busy,
    ],
  } as const
  return [
    {
      ...door,
      path: '/token',
      summary: 'A token for a username and a password',
      success: { description: 'The token', body: tokenSchema },
      handle: async (ctx) => {
        const { token, device } = await signIn(ctx, input)
        setDeviceCookie(ctx, device)
        ctx.set('Cache-Control', 'no-store')
        ctx.body = { access_token: token, token_type: 'bearer' } satisfies z.infer<
          typeof tokenSchema
        >
      },
    },
    {
      ...door,
      path: '/sign-in',
      summary: 'Sign in on a page: sets the session cookie',
      success: { description: 'Who signed in', body: sessionSchema },
      handle: async (ctx) => {
        const { account, token, device } = await signIn(ctx, input)
        setSessionCookie(ctx, token, input.lifetimeMinutes)
        setDeviceCookie(ctx, device)
        ctx.set('Cache-Control', 'no-store')
        const { id, username, role } = account
        ctx.body = { id, username, role } satisfies z.infer<typeof sessionSchema>
      },
    },
    {
      ...common,
      path: '/sign-out',
      summary: 'Sign out; everywhere: every token of this account ends, and every socket closes',
      access: 'account',
      request: { 'application/json': signOutBody },
      bodyOptional: true,
      success: { description: 'Signed out', body: z.object({ message: z.string() }) },
      errors: [commonErrors.body_too_large, commonErrors.invalid_field],
      handle: async (ctx) => {
        const { id } = getAccount(ctx)
        const { everywhere = false } = parseFields(signOutBody, getReceivedBody(ctx).fields)
        if (everywhere) await accounts.signOutEverywhere(id)
        clearSessionCookie(ctx)
        const outcome = everywhere ? 'everywhere' : 'here'
        await audit.record(ctx, { action: 'sign_out', outcome })
        const english = readerLanguage(ctx.get('Accept-Language')) === 'en'
        ctx.body = { message: english ? 'Signed out.' : 'Sessão encerrada.' }
      },
    },
  ]
}

async function signIn(ctx: Context, { accounts, audit }: SignInRoutesInput): Promise<SignedIn> {
  const { username, password } = parseFields(credentials, getReceivedBody(ctx).fields)
  try {
    const device = findDevicePass(ctx)
    const signedIn = await accounts.signIn({ username, password, address: ctx.ip, device })
    const accountId = signedIn.account.id
    await audit.record(ctx, { action: 'sign_in', outcome: 'ok', accountId })
    return signedIn
  } catch (error) {
    if (error instanceof AccountError)
      await audit.record(ctx, {
        action: 'sign_in',
        outcome: error.code,
        subject: audit.hashName(foldUsername(username)),
        // Those that are slowed down could fill the table as fast as they ask.
        ...(error.code === 'too_many_sign_ins' ? { oncePerMinute: true } : {}),
      })
    throw error
  }
}
