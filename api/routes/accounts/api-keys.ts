import { z } from 'zod'
import { scopes as knownScopes } from '../../../config/access.js'
import type { AccountService, ApiKeyState } from '../../../services/accounts/account-service.js'
import type { AuditLog } from '../../access/audit-log.js'
import { getCaller } from '../../access/auth.js'
import { getReceivedBody, parseFields } from '../../http/body.js'
import { ApiError } from '../../http/errors.js'
import { readId } from '../../http/read-id.js'
import { readerLanguage } from '../../http/reader-language.js'
import type { Route } from '../../http/route.js'
import { accountErrors } from './errors.js'
import { commonErrors } from '../../http/common-errors.js'

const scopes = z.array(z.enum(knownScopes)).min(1).max(5)
const newKey = z
  .object({
    name: z
      .string()
      .trim()
      .regex(/^[^\p{C}]{1,100}$/u, 'must be 1 to 100 visible characters'),
    scopes,
  })
  .meta({ id: 'NewApiKey' })
const createdKey = z
  .object({ id: z.int(), name: z.string(), scopes, secret: z.string() })
  .meta({ id: 'CreatedApiKey' })
const moment = z.iso.datetime().nullable()
const listedKey = z
  .object({
    id: z.int(),
    name: z.string(),
    scopes,
    created_by: z.int().nullable(),
    created_at: z.iso.datetime(),
    last_used_at: moment,
    revoked_at: moment,
  })
  .meta({ id: 'ApiKey' })

/** Keys for programs, beside those of API_KEYS: made, seen and revoked by administrators. */
export function createApiKeyRoutes(input: {
  readonly accounts: AccountService
  readonly audit: AuditLog
}): Route[] {
  const { accounts, audit } = input
  const common = { path: '/api-keys', tag: 'API keys', access: 'admin' } as const
  return [
    {
      ...common,
      method: 'get',
      summary: 'Every key, revoked ones too; never a secret',
      success: { description: 'The keys', body: z.array(listedKey) },
      errors: [],
      handle: async (ctx) => {
        ctx.body = (await accounts.listKeys()).map(render)
      },
    },
    {
      ...common,
      method: 'post',
      summary: 'Make a key; its secret is in this answer and never again',
      problemsAs: 'sentence',
      maxBodyBytes: 16 * 1024,
      request: { 'application/json': newKey },
      success: { description: 'The key', body: createdKey },
      errors: [commonErrors.body_too_large, commonErrors.invalid_field],
      handle: async (ctx) => {
        const key = parseFields(newKey, getReceivedBody(ctx).fields)
        const createdBy = getCaller(ctx).account?.id
        const { id, secret } = await accounts.createKey({
          ...key,
          ...(createdBy === undefined ? {} : { createdBy }),
        })
        await audit.record(ctx, { action: 'key_created', outcome: 'ok', subject: String(id) })
        ctx.set('Cache-Control', 'no-store')
        ctx.body = { id, ...key, secret } satisfies z.infer<typeof createdKey>
      },
    },
    {
      ...common,
      method: 'delete',
      path: '/api-keys/:id',
      summary: 'Revoke a key',
      params: z.object({ id: z.int() }),
      success: { description: 'Revoked', body: z.object({ message: z.string() }) },
      errors: [accountErrors.key_not_found],
      handle: async (ctx) => {
        const id = readId(ctx, accountErrors.key_not_found)
        if (!(await accounts.revokeKey(id))) throw new ApiError(accountErrors.key_not_found)
        await audit.record(ctx, { action: 'key_revoked', outcome: 'ok', subject: String(id) })
        const english = readerLanguage(ctx.get('Accept-Language')) === 'en'
        ctx.body = { message: english ? 'Key revoked.' : 'Chave revogada.' }
      },
    },
  ]
}

function render(key: ApiKeyState): z.infer<typeof listedKey> {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    created_by: key.createdBy,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  }
}
