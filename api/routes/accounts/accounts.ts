import type { Context } from 'koa'
import { z } from 'zod'
import type { AccountService } from '../../../services/accounts/account-service.js'
import { checkPassword } from '../../../services/accounts/passwords.js'
import type { Config } from '../../../config/load-config.js'
import { openScopes } from '../../../config/access.js'
import { roles } from '../../../db/schema/accounts.js'
import type { AuditLog } from '../../access/audit-log.js'
import { type Authenticate, findCaller, getCaller, isAdmin } from '../../access/auth.js'
import { getReceivedBody, parseFields } from '../../http/body.js'
import { ApiError } from '../../http/errors.js'
import { readId } from '../../http/read-id.js'
import { readerLanguage } from '../../http/reader-language.js'
import type { Route } from '../../http/route.js'
import { accountPage } from './account-states.js'
import { accountErrors } from './errors.js'
import { commonErrors } from '../../http/common-errors.js'

export interface AccountRoutesInput {
  readonly accounts: AccountService
  readonly audit: AuditLog
  readonly authenticate: Authenticate
  readonly registration: Config['registration']
}

const username = z
  .string()
  .describe('1 to 255 visible characters; unlike any other by case or look-alike letters')
const password = z.string().describe('at least 8 characters, at most 72 bytes, no NUL')
const scopes = z
  .array(z.enum(openScopes))
  .max(openScopes.length)
  .describe('what the account may do beside what its role allows')
const newAccount = z
  .object({
    username,
    password,
    role: z.enum(roles).optional().describe('other than `user`: administrators alone'),
    scopes: scopes.optional().meta({ description: 'administrators alone' }),
  })
  .meta({ id: 'NewAccount' })
const listedAccount = z.object({ id: z.int(), username: z.string() }).meta({ id: 'Account' })
const change = z
  .object({
    role: z.enum(roles).optional(),
    scopes: scopes.optional(),
    disabled: z.boolean().optional(),
    password: password.optional(),
    sign_out: z.literal(true).optional().describe('ends every token and socket of the account'),
  })
  .refine((fields) => Object.keys(fields).length > 0, 'nothing to change')
  .meta({ id: 'AccountChange' })
const changedAccount = listedAccount
  .extend({ role: z.enum(roles), disabled: z.boolean() })
  .meta({ id: 'ChangedAccount' })
const params = z.object({ id: z.int() })
const maxBodyBytes = 16 * 1024

/** Section 2 of the contract: who signs in. Not finance's people, which are at `/users` without the slash. */
export function createAccountRoutes(input: AccountRoutesInput): Route[] {
  const { accounts } = input
  const common = { tag: 'Accounts', problemsAs: 'sentence', maxBodyBytes } as const
  return [
    {
      ...common,
      method: 'post',
      path: '/users/',
      takesRoom: true,
      exactSlash: accountErrors.final_slash_missing,
      summary: 'Register an account; administrators alone where REGISTRATION is closed',
      access: 'public',
      request: { 'application/json': newAccount },
      success: { description: 'The account', body: listedAccount },
      errors: [
        accountErrors.username_taken,
        accountErrors.registration_closed,
        commonErrors.body_too_large,
        accountErrors.invalid_password,
        accountErrors.busy,
      ],
      handle: (ctx) => register(ctx, input),
    },
    {
      ...common,
      method: 'get',
      path: '/users/',
      exactSlash: accountErrors.final_slash_missing,
      summary: 'The other accounts, whom a message can be sent to',
      access: 'account',
      query: accountPage,
      success: { description: 'The accounts', body: z.array(listedAccount) },
      errors: [commonErrors.invalid_field],
      handle: async (ctx) => {
        const { skip = 0, limit } = parseFields(accountPage, ctx.query, 'query')
        ctx.body = await accounts.list({
          // Ids begin with 1: who calls without an account sees them all.
          exceptId: getCaller(ctx).account?.id ?? 0,
          skip,
          ...(limit === undefined ? {} : { limit }),
        })
      },
    },
    {
      ...common,
      method: 'put',
      path: '/users/:id',
      summary:
        'Change the role, the scopes or the password of an account, disable it or sign it out',
      access: 'admin',
      params,
      request: { 'application/json': change },
      success: { description: 'The account as it is now', body: changedAccount },
      errors: [
        accountErrors.account_not_found,
        accountErrors.last_admin,
        commonErrors.body_too_large,
        commonErrors.invalid_field,
      ],
      handle: (ctx) => changeAccount(ctx, input),
    },
    {
      ...common,
      method: 'delete',
      path: '/users/:id',
      summary: 'Remove one’s own account, or any as an administrator; mail it sent stays',
      access: 'account',
      params,
      success: { description: 'Removed', body: z.object({ message: z.string() }) },
      errors: [commonErrors.forbidden, accountErrors.account_not_found, accountErrors.last_admin],
      handle: (ctx) => removeAccount(ctx, input),
    },
  ]
}

async function register(ctx: Context, input: AccountRoutesInput): Promise<void> {
  const caller = await findCaller(ctx, input.authenticate)
  const byAdmin = caller !== undefined && isAdmin(caller)
  if (input.registration === 'closed' && !byAdmin)
    throw new ApiError(accountErrors.registration_closed)
  const {
    role = 'user',
    scopes: given = [],
    ...names
  } = parseFields(newAccount, getReceivedBody(ctx).fields)
  if ((role !== 'user' || given.length > 0) && !byAdmin) throw new ApiError(commonErrors.forbidden)
  const account = await input.accounts.register({ ...names, role, scopes: given })
  ctx.state['caller'] = caller
  await input.audit.record(ctx, {
    action: 'account_created',
    outcome: role,
    subject: String(account.id),
  })
  ctx.body = { id: account.id, username: account.username } satisfies z.infer<typeof listedAccount>
}

async function changeAccount(ctx: Context, { accounts, audit }: AccountRoutesInput): Promise<void> {
  const id = readId(ctx, accountErrors.account_not_found)
  const fields = parseFields(change, getReceivedBody(ctx).fields)
  // Before anything is changed: one request is done whole or, but for a race, not at all.
  if (fields.password !== undefined && checkPassword(fields.password) !== 'ok')
    throw new ApiError(accountErrors.invalid_password)
  for (const { name, apply } of listChanges(accounts, id, fields)) {
    if (!(await apply())) throw new ApiError(accountErrors.account_not_found)
    await audit.record(ctx, { action: 'account_changed', outcome: name, subject: String(id) })
  }
  const account = await accounts.find({ id })
  if (account === undefined) throw new ApiError(accountErrors.account_not_found)
  ctx.body = {
    id,
    username: account.username,
    role: account.role,
    disabled: account.disabled,
  } satisfies z.infer<typeof changedAccount>
}

function listChanges(
  accounts: AccountService,
  id: number,
  { role, scopes: given, disabled, password, sign_out: signOut }: z.infer<typeof change>,
): { name: string; apply: () => Promise<boolean> }[] {
  return [
    role === undefined ? [] : { name: 'role', apply: () => accounts.setRole(id, role) },
    given === undefined ? [] : { name: 'scopes', apply: () => accounts.setScopes(id, given) },
    disabled === undefined
      ? []
      : { name: 'disabled', apply: () => accounts.setDisabled(id, disabled) },
    password === undefined
      ? []
      : { name: 'password', apply: () => accounts.setPassword(id, password) },
    signOut === undefined ? [] : { name: 'sign_out', apply: () => accounts.signOutEverywhere(id) },
  ].flat()
}

async function removeAccount(ctx: Context, { accounts, audit }: AccountRoutesInput): Promise<void> {
  const caller = getCaller(ctx)
  const id = readId(ctx, accountErrors.account_not_found)
  if (caller.account?.id !== id && !isAdmin(caller)) throw new ApiError(commonErrors.forbidden)
  if (!(await accounts.remove(id))) throw new ApiError(accountErrors.account_not_found)
  await audit.record(ctx, { action: 'account_removed', outcome: 'ok', subject: String(id) })
  const english = readerLanguage(ctx.get('Accept-Language')) === 'en'
  ctx.body = { message: english ? 'Account removed.' : 'Conta removida.' }
}
