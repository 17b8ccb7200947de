import { type OpenScope, type Scope, scopes } from '../../config/access.js'
import type { Role } from '../../db/schema/accounts.js'

const scopesOfRole: Readonly<Record<Role, readonly Scope[]>> = {
  user: ['classify'],
  operator: scopes,
  admin: scopes,
}

/** What an account may do: what its role allows and what it was given beside, each once, in one order. */
export function combineScopes(role: Role, given: readonly OpenScope[]): readonly Scope[] {
  const allowed = new Set<Scope>([...scopesOfRole[role], ...given])
  return scopes.filter((scope) => allowed.has(scope))
}
