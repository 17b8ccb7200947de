import { z } from 'zod'
import { scopes } from '../../../config/access.js'
import { roles } from '../../../db/schema/accounts.js'
import type { AccountService } from '../../../services/accounts/account-service.js'
import { commonErrors } from '../../http/common-errors.js'
import { parseFields } from '../../http/body.js'
import type { Route } from '../../http/route.js'

const maxInt4 = 2_147_483_647
const count = z.coerce.number().int().min(0).max(maxInt4)
/** Of an account list: all of it unless told. */
export const accountPage = z.object({ skip: count.optional(), limit: count.optional() })

const accountState = z
  .object({
    id: z.int(),
    username: z.string(),
    role: z.enum(roles),
    scopes: z.array(z.enum(scopes)).describe('all that it may do, by its role or given beside'),
    state: z.enum(['active', 'disabled']),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'AccountState' })

/** Every account with what it may do: for operators, while `/users/` names them to everybody who may write. */
export function createAccountStatesRoute(accounts: Pick<AccountService, 'listStates'>): Route {
  return {
    method: 'get',
    path: '/accounts',
    summary: 'Every account: role, scopes, state',
    tag: 'Accounts',
    access: 'operator',
    problemsAs: 'sentence',
    query: accountPage,
    success: { description: 'The accounts', body: z.array(accountState) },
    errors: [commonErrors.invalid_field],
    handle: async (ctx) => {
      const { skip = 0, limit } = parseFields(accountPage, ctx.query, 'query')
      const found = await accounts.listStates({ skip, ...(limit === undefined ? {} : { limit }) })
      ctx.body = found.map(({ disabled, createdAt, scopes: may, ...account }) => ({
        ...account,
        scopes: [...may],
        state: disabled ? 'disabled' : 'active',
        created_at: createdAt.toISOString(),
      })) satisfies z.infer<typeof accountState>[]
    },
  }
}
