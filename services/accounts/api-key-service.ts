import { createHash, randomBytes } from 'node:crypto'
import type { Scope } from '../../config/access.js'
import {
  type ApiKeyRow,
  findApiKey,
  insertApiKey,
  listApiKeys,
  noteApiKeyUse,
  revokeApiKey,
} from '../../db/api-keys.js'
import type { Db } from '../../db/database.js'
import { isRowId } from './row-id.js'

/** A key in the database, without its secret. */
export interface ApiKeyState {
  readonly id: number
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdBy: number | null
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

const secretBytes = 32
const secretPattern = /^trg_[\w-]{43}$/

/** API keys in the database: machines' own, so they outlive the account that made them. */
export function createApiKeyService(db: Db) {
  return {
    create: async ({
      name,
      scopes,
      createdBy,
    }: {
      readonly name: string
      readonly scopes: readonly Scope[]
      readonly createdBy?: number
    }): Promise<{ id: number; secret: string }> => {
      const secret = `trg_${randomBytes(secretBytes).toString('base64url')}`
      const created_by = createdBy ?? null
      const id = await insertApiKey(db, { name, digest: digest(secret), scopes, created_by })
      return { id, secret }
    },
    authenticate: async (
      secret: string,
    ): Promise<Pick<ApiKeyState, 'id' | 'name' | 'scopes'> | undefined> => {
      if (!secretPattern.test(secret)) return undefined
      const row = await findApiKey(db, digest(secret))
      if (row === undefined) return undefined
      if (!row.is_noted) await noteApiKeyUse(db, row.id)
      return { id: row.id, name: row.name, scopes: row.scopes }
    },
    list: async (): Promise<ApiKeyState[]> => (await listApiKeys(db)).map(toState),
    revoke: async (id: number): Promise<boolean> => isRowId(id) && (await revokeApiKey(db, id)),
  }
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest()

const toState = (row: ApiKeyRow): ApiKeyState => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  createdBy: row.created_by,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
})
