import type { Config } from '../../../config/load-config.js'
import type { AccountService } from '../../../services/accounts/account-service.js'
import type { AccessControl } from '../../access/access-control.js'
import type { Subject } from '../../subject.js'
import { createAccountRoutes } from './accounts.js'
import { createApiKeyRoutes } from './api-keys.js'
import { accountErrors } from './errors.js'
import { createSignInRoutes } from './sign-in.js'

export interface AccountsInput {
  readonly accounts: AccountService
  readonly access: Pick<AccessControl, 'audit' | 'authenticate'>
  readonly config: Pick<Config, 'accessTokenMinutes' | 'registration'>
}

/** Who signs in, and the keys of programs (contract 2). */
export function createAccountsSubject({ accounts, access, config }: AccountsInput): Subject {
  const { audit, authenticate } = access
  const { registration, accessTokenMinutes: lifetimeMinutes } = config
  return {
    name: 'accounts',
    routes: [
      ...createSignInRoutes({ accounts, audit, lifetimeMinutes }),
      ...createAccountRoutes({ accounts, audit, authenticate, registration }),
      ...createApiKeyRoutes({ accounts, audit }),
    ],
    errors: accountErrors,
  }
}
