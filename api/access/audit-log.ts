import type { Context } from 'koa'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { recordAudit } from '../../db/audit.js'
import type { Db } from '../../db/database.js'
import type { KeyedHash } from '../../db/key-ring.js'
import type { AuditAction } from '../../db/schema/accounts.js'
import type { Caller } from './auth.js'
import { sessionCookie } from './credentials.js'

/** Writes down who did what at the door: ids and keyed hashes alone (see AuditTable). */
export interface AuditLog {
  record(
    ctx: Context,
    entry: {
      readonly action: AuditAction
      readonly outcome: string
      readonly accountId?: number
      readonly subject?: string
      /** What the same address does again within a minute is not said again. */
      readonly oncePerMinute?: true
    },
  ): Promise<void>
  /** Of somebody who showed a credential; the same from the same address once a minute. */
  recordRefusal(ctx: Context, status: number): Promise<void>
  /** Of a key on a route for operators; once a minute for each. */
  recordKeyUse(ctx: Context, caller: Caller): Promise<void>
  /** What stands for a name, which may be nobody's. */
  hashName(name: string): string
}

const hashCharacters = 32

/** Writing fails with a log line: what it tells of has happened by then. */
export function createAuditLog(input: {
  readonly db: Db
  readonly hash: KeyedHash
  readonly log: Logger
}): AuditLog {
  const { db, log } = input
  const isFirst = createOncePerMinute()
  const hash = (purpose: string, value: string) =>
    input.hash(purpose, value).slice(0, hashCharacters)
  const record: AuditLog['record'] = async (ctx, { oncePerMinute, ...entry }) => {
    const what = [ctx.ip, entry.action, entry.outcome, entry.subject].join(' ')
    if (oncePerMinute === true && !isFirst(what)) return
    const caller = ctx.state['caller'] as Caller | undefined
    try {
      await recordAudit(db, {
        caller: caller?.id,
        accountId: caller?.account?.id,
        ...entry,
        addressHash: hash('audit-address', ctx.ip),
        requestId: ctx.state['requestId'] as string | undefined,
      })
    } catch (error) {
      log.warn({ err: error, action: entry.action }, 'An audit entry could not be written.')
    }
  }
  return {
    record,
    recordRefusal: async (ctx, status) => {
      if (!hasCredential(ctx)) return
      await record(ctx, {
        action: 'access',
        outcome: String(status),
        subject: nameRoute(ctx),
        oncePerMinute: true,
      })
    },
    recordKeyUse: async (ctx, caller) => {
      const isKey = caller.id.startsWith('key:') || caller.id.startsWith('setting:')
      if (!isKey || !isFirst(caller.id)) return
      await record(ctx, { action: 'key_use', outcome: 'ok', subject: nameRoute(ctx) })
    },
    hashName: (name) => hash('audit-name', name),
  }
}

const nameRoute = (ctx: Context) =>
  `${ctx.method} ${(ctx.state['route'] as string | undefined) ?? 'none'}`

/** Whether it showed something, good or not, used or not. */
function hasCredential(ctx: Context): boolean {
  const { authorization, cookie = '' } = ctx.req.headers
  return (
    authorization !== undefined ||
    ctx.req.headers['x-api-key'] !== undefined ||
    cookie.includes(sessionCookie)
  )
}

const minuteMs = 60_000
/** A flood of new entries costs rows, not memory. */
const maxRemembered = 10_000

function createOncePerMinute(): (what: string) => boolean {
  const recent = new LRUCache<string, true>({ max: maxRemembered, ttl: minuteMs })
  return (what) => {
    if (recent.has(what)) return false
    recent.set(what, true)
    return true
  }
}
