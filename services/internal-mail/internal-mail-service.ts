import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { findSignedInAccount } from '../../db/accounts.js'
import { createBatchWriter } from '../../db/batch-writer.js'
import type { Db } from '../../db/database.js'
import type { IdempotencyKey } from '../../db/idempotency.js'
import { type KeyRing, openText, sealText, UnknownKeyError } from '../../db/key-ring.js'
import {
  listInbox,
  listOutbox,
  type MailPage,
  markRead,
  type MessageRow,
} from '../../db/messages.js'
import { messagePlace } from '../../db/seal-places.js'
import { findSentMessage, sendMessageOnce } from '../../db/send-message-once.js'
import {
  type MessageSender,
  type NewMessage,
  sendMessages,
  type SendOutcome,
} from '../../db/send-messages.js'
import { IdempotencyConflictError } from '../runs/run-service.js'

/** A message as its sender and its recipient read it (contract 2). */
export interface Message {
  readonly id: number
  readonly sender_id: number
  readonly recipient_id: number
  readonly title: string
  readonly body: string
  /** UTC with Z. */
  readonly timestamp: string
  readonly is_read: boolean
  readonly sender_username: string
  readonly recipient_username: string
}

/** One that is stored. It has no title and body where they don't open, so that the others can still be read. */
export type StoredMessage = Message | Omit<Message, 'title' | 'body'>

export interface OutgoingMessage {
  readonly sender: MessageSender
  readonly recipientId: number
  readonly title: string
  readonly body: string
}

type Sent = Message | Exclude<SendOutcome, MessageRow>

/** Internal mail: seals, counts and tells. */
export interface InternalMailService {
  /** Written together with what else is sent at the moment. @returns the message, or why it was not sent */
  send(message: OutgoingMessage): Promise<Sent>
  /**
   * As send(), but once for each key: the message that was sent by it is the answer again.
   *
   * @throws IdempotencyConflictError where the key was sent with another content
   */
  sendOnce(message: OutgoingMessage, key: IdempotencyKey): Promise<StoredMessage | Sent>
  /** Newest first; at most 16 MB in one answer, the rest by `before`. */
  inbox(page: MailPage): Promise<StoredMessage[]>
  /** As inbox(), of what the account sent. */
  outbox(page: MailPage): Promise<StoredMessage[]>
  /** May be repeated. @returns false where the account has no such message in its inbox */
  markRead(accountId: number, messageId: number): Promise<boolean>
}

/** Together some 15 MB where each is as long as can be. */
const maxAtOnce = 40

export interface InternalMailServiceInput {
  readonly db: Db
  readonly keys: KeyRing
  readonly log: Logger
}

export function createInternalMailService({
  db,
  keys,
  log,
}: InternalMailServiceInput): InternalMailService {
  const open = (row: MessageRow): StoredMessage => {
    try {
      return toMessage(row, {
        title: openText(keys, row.title, messagePlace('title', row)),
        body: openText(keys, row.body, messagePlace('body', row)),
      })
    } catch (error) {
      // Of a key that is missing the key ring tells, once.
      if (!(error instanceof UnknownKeyError))
        log.error({ err: error, message: row.id }, 'A message could not be opened.')
      return toMessage(row, {})
    }
  }
  const send = createBatchWriter<NewMessage, SendOutcome>(
    (messages) => sendMessages(db, messages),
    { atOnce: maxAtOnce },
  )
  const toSent = (outcome: SendOutcome, { title, body }: OutgoingMessage): Sent =>
    typeof outcome === 'string' ? outcome : toMessage(outcome, { title, body })
  return {
    send: async (message) => toSent(await send(seal(keys, message)), message),
    sendOnce: async (message, key) => {
      const { sender } = message
      // What was sent by the key is looked at by nobody whose session has ended.
      if ((await findSignedInAccount(db, sender)) === undefined) return 'unknown_sender'
      const outcome = await sendMessageOnce(db, key, seal(keys, message))
      if (typeof outcome === 'string' || !('knownId' in outcome)) return toSent(outcome, message)
      const { knownId: id } = outcome
      const known = id && (await findSentMessage(db, { id, senderId: sender.accountId }))
      if (!known) throw new IdempotencyConflictError()
      // Read or not by now: the answer is the same.
      return open({ ...known, is_read: false })
    },
    inbox: async (page) => (await listInbox(db, page)).map(open),
    outbox: async (page) => (await listOutbox(db, page)).map(open),
    markRead: (accountId, messageId) => markRead(db, { accountId, messageId }),
  }
}

function seal(keys: KeyRing, { sender, recipientId, title, body }: OutgoingMessage): NewMessage {
  const sealId = randomUUID()
  const ids = { seal_id: sealId, sender_id: sender.accountId, recipient_id: recipientId }
  return {
    sender,
    recipientId,
    sealId,
    title: sealText(keys, title, messagePlace('title', ids)),
    body: sealText(keys, body, messagePlace('body', ids)),
  }
}

const toMessage = <Text extends object>(row: MessageRow, text: Text) => ({
  id: row.id,
  sender_id: row.sender_id,
  recipient_id: row.recipient_id,
  ...text,
  timestamp: row.created_at.toISOString(),
  is_read: row.is_read,
  sender_username: row.sender_username,
  recipient_username: row.recipient_username,
})
