import { accountErrors } from '../../api/routes/accounts/errors.js'
import type { OpenScope, Scope } from '../../config/access.js'
import type { AuditAction, Role } from '../../db/schema/accounts.js'
import type { AccountService } from '../../services/accounts/account-service.js'

/** In the words of GET /accounts. */
export interface ListedAccount {
  readonly id: number
  readonly username: string
  readonly role: Role
  readonly scopes: readonly Scope[]
  readonly state: 'active' | 'disabled'
}

/** One change, in the words of PUT /users/:id. */
export type AccountChange =
  | { readonly role: Role }
  | { readonly scopes: readonly OpenScope[] }
  | { readonly disabled: boolean }
  | { readonly password: string }
  | { readonly sign_out: true }

/** What `triagem user` needs, from the database or from the server that holds it. */
export interface AccountAdmin {
  list(): Promise<ListedAccount[]>
  /** @throws AccountError */
  add(input: {
    readonly username: string
    readonly password: string
    readonly role: Role
    readonly scopes: readonly OpenScope[]
  }): Promise<{ readonly id: number }>
  /** @throws AccountError */
  change(id: number, change: AccountChange): Promise<void>
}

/** What was done, in the words that the API's audit has for it. */
export interface AccountRecord {
  readonly action: Extract<AuditAction, 'account_created' | 'account_changed'>
  readonly outcome: string
  readonly subject: string
}

/** @param record told of what was done */
export function createAccountAdmin(
  accounts: AccountService,
  record: (what: AccountRecord) => Promise<void>,
): AccountAdmin {
  return {
    list: async () =>
      (await accounts.listStates({ skip: 0 })).map(({ disabled, ...account }) => ({
        ...account,
        state: disabled ? 'disabled' : 'active',
      })),
    add: async (input) => {
      const account = await accounts.register(input)
      const subject = String(account.id)
      await record({ action: 'account_created', outcome: input.role, subject })
      return account
    },
    change: async (id, change) => {
      const { outcome, done } = await apply(accounts, id, change)
      if (!done) throw new Error(accountErrors.account_not_found.en)
      await record({ action: 'account_changed', outcome, subject: String(id) })
    },
  }
}

async function apply(
  accounts: AccountService,
  id: number,
  change: AccountChange,
): Promise<{ outcome: string; done: boolean }> {
  if ('role' in change) return { outcome: 'role', done: await accounts.setRole(id, change.role) }
  if ('scopes' in change)
    return { outcome: 'scopes', done: await accounts.setScopes(id, change.scopes) }
  if ('disabled' in change)
    return { outcome: 'disabled', done: await accounts.setDisabled(id, change.disabled) }
  if ('password' in change)
    return { outcome: 'password', done: await accounts.setPassword(id, change.password) }
  return { outcome: 'sign_out', done: await accounts.signOutEverywhere(id) }
}
