/** The groups of routes that a bare API key opens, and that ALLOW_ANONYMOUS can open. */
export const openScopes = ['classify', 'finance', 'chat', 'mailbox'] as const

/** What a caller may do; `operator` is never part of a bare key. */
export const scopes = [...openScopes, 'operator'] as const
export type Scope = (typeof scopes)[number]
export type OpenScope = (typeof openScopes)[number]
