import type { Logger } from 'pino'
import {
  type AccountEvent,
  accountEventsChannel,
  parseAccountEvent,
} from '../../../db/account-events.js'
import { listGenerations } from '../../../db/accounts.js'
import type { Db } from '../../../db/database.js'
import { type KeyRing, openText, UnknownKeyError } from '../../../db/key-ring.js'
import { type MessageIds, messagePlace } from '../../../db/seal-places.js'
import { asSealed, type Sealed } from '../../../db/sealed.js'
import { findMailState, listMessagesSince } from '../../../db/messages.js'
import type { EventFeedSource, UnopenedChange } from '../../live/event-source.js'
import type { Position } from '../../live/position.js'

/** What is told of an account's mail: the count is absolute. */
export interface MailNews extends Position {
  readonly unread: number
  /** Absent where only the count is news. */
  readonly message?: {
    readonly id: number
    readonly sender_id: number
    readonly sender_username: string
    readonly title: string
    readonly timestamp: string
  }
}

export interface MailPass {
  readonly accountId: number
  /** Of the token that the reader came with. */
  readonly generation: number
}

export interface MailSourceInput {
  readonly db: Db
  readonly keys: KeyRing
  readonly log: Logger
}

type MailEvent = Exclude<AccountEvent, { kind: 'ended' }>

/** The mail of accounts, as an event feed follows it: a list is known by its account's id. */
export function createMailSource(
  input: MailSourceInput,
): EventFeedSource<number, MailEvent, MailNews, MailPass> {
  const { db } = input
  const openTitle = createTitleOpener(input)
  return {
    notifyChannel: accountEventsChannel,
    parseEvent: (payload) => {
      const event = parseAccountEvent(payload)
      return event === undefined ? undefined : { key: event.account, event: findTold(event) }
    },
    describeEvent: (event) => {
      const { epoch, seq, unread } = event
      if (event.kind === 'count') return { epoch, seq, unread }
      const { title: sealed = '', seal_id, ...rest } = event.message
      const ids = { seal_id, sender_id: rest.sender_id, recipient_id: event.account }
      const title = openTitle(asSealed(Buffer.from(sealed, 'base64')), ids)
      if (title === keyless) return { epoch, seq, isUnopened: true }
      return { epoch, seq, unread, ...(title === undefined ? {} : { message: { ...rest, title } }) }
    },
    readAccess: async (passes) => {
      const ids = new Set(passes.map(({ accountId }) => accountId))
      const accounts = await listGenerations(db, [...ids])
      const generations = new Map(accounts.map((account) => [account.id, account.token_generation]))
      return ({ accountId, generation }) => generations.get(accountId) === generation
    },
    readPresent: async (keys) => {
      const states = await findMailState(db, keys)
      return states.map(({ account, ...present }) => ({ key: account, present }))
    },
    listMissed: async (accountId, { present, since, limit }) => {
      const { epoch, unread } = present
      const rows = await listMessagesSince(db, { accountId, seq: since, limit })
      return rows
        .filter((row) => row.seq <= present.seq)
        .flatMap((row): (MailNews | UnopenedChange)[] => {
          const { id, seq, sender_id, sender_username } = row
          const title = openTitle(row.title, { ...row, recipient_id: accountId })
          if (title === keyless) return [{ epoch, seq, isUnopened: true }]
          if (title === undefined) return []
          const timestamp = row.created_at.toISOString()
          return [
            { epoch, seq, unread, message: { id, sender_id, sender_username, title, timestamp } },
          ]
        })
    },
  }
}

/** A message whose title did not fit the notification is read from its row, like everything of a list that ended. */
const findTold = (event: AccountEvent): MailEvent | undefined =>
  event.kind === 'ended' || (event.kind === 'message' && event.message.title === undefined)
    ? undefined
    : event

/** In place of a title whose key this process lacks. */
const keyless = Symbol('keyless')

/**
 * A message whose title was damaged or moved is not told of; the count still is. One whose key is missing here waits:
 * another process may have the key. The key ring says in the log which it is.
 */
function createTitleOpener({
  keys,
  log,
}: Pick<MailSourceInput, 'keys' | 'log'>): (
  sealed: Sealed,
  ids: MessageIds,
) => string | typeof keyless | undefined {
  return (sealed, ids) => {
    try {
      return openText(keys, sealed, messagePlace('title', ids))
    } catch (error) {
      if (error instanceof UnknownKeyError) return keyless
      log.error({ err: error }, 'The title of a message could not be opened.')
      return undefined
    }
  }
}
