import type { Config } from '../../../config/load-config.js'
import { deleteAudit } from '../../../db/audit.js'
import type { AccountService } from '../../../services/accounts/account-service.js'
import { daysBefore } from '../../../services/housekeeping/clean-up.js'
import type { AccessControl } from '../../access/access-control.js'
import { servesRoutes, type Subject } from '../../subject.js'
import { createAccountRoutes } from './accounts.js'
import { createAccountStatesRoute } from './account-states.js'
import { createApiKeyRoutes } from './api-keys.js'
import { accountErrors } from './errors.js'
import { createOwnPasswordRoute } from './own-password.js'
import { createSignInRoutes } from './sign-in.js'

export interface AccountsParts {
  readonly accounts: AccountService
  readonly access: Pick<AccessControl, 'audit' | 'authenticate' | 'origins'>
  readonly config: Pick<Config, 'accessTokenMinutes' | 'registration'>
}

/** Long enough to look into what is found out late. */
const keepAuditDays = 180

/** Who signs in, and the keys of programs (contract 2). */
export const accountsSubject: Subject<AccountsParts> = {
  name: 'accounts',
  errors: accountErrors,
  runKinds: [],
  cleanUps: [
    { name: 'audit entries', run: (db, now) => deleteAudit(db, daysBefore(now, keepAuditDays)) },
  ],
  serve: ({ accounts, access, config }) => {
    const { audit, authenticate, origins } = access
    const { registration, accessTokenMinutes: lifetimeMinutes } = config
    return servesRoutes([
      ...createSignInRoutes({ accounts, audit, lifetimeMinutes }),
      ...createAccountRoutes({ accounts, audit, authenticate, registration }),
      createAccountStatesRoute(accounts),
      createOwnPasswordRoute({ accounts, audit, origins, lifetimeMinutes }),
      ...createApiKeyRoutes({ accounts, audit }),
    ])
  },
}
