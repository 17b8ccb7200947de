import type { Db } from '../../db/database.js'
import { type KeyRing, openText, sealText } from '../../db/key-ring.js'
import {
  listInbox,
  listOutbox,
  type MailPage,
  markRead,
  type MessageRow,
  sendMessage,
} from '../../db/messages.js'

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

export interface OutgoingMessage {
  readonly senderId: number
  readonly recipientId: number
  readonly title: string
  readonly body: string
}

/** Internal mail: what is sealed, counted and told, all in one place. */
export interface MessageDesk {
  /** @returns undefined where nobody with that id can get mail */
  send(message: OutgoingMessage): Promise<Message | undefined>
  /** Newest first; at most 16 MB in one answer, the rest by `before`. */
  inbox(page: MailPage): Promise<Message[]>
  /** As inbox(), of what the account sent. */
  outbox(page: MailPage): Promise<Message[]>
  /** However often; @returns false where the account has no such message in its inbox */
  markRead(accountId: number, messageId: number): Promise<boolean>
}

export function createMessageDesk({ db, keys }: { db: Db; keys: KeyRing }): MessageDesk {
  const open = (row: MessageRow) =>
    toMessage(row, { title: openText(keys, row.title), body: openText(keys, row.body) })
  return {
    send: async ({ senderId, recipientId, title, body }) => {
      const row = await sendMessage(db, {
        senderId,
        recipientId,
        title: sealText(keys, title),
        body: sealText(keys, body),
      })
      return row === undefined ? undefined : toMessage(row, { title, body })
    },
    inbox: async (page) => (await listInbox(db, page)).map(open),
    outbox: async (page) => (await listOutbox(db, page)).map(open),
    markRead: (accountId, messageId) => markRead(db, { accountId, messageId }),
  }
}

const toMessage = (row: MessageRow, text: Pick<Message, 'title' | 'body'>): Message => ({
  id: row.id,
  sender_id: row.sender_id,
  recipient_id: row.recipient_id,
  title: text.title,
  body: text.body,
  timestamp: row.created_at.toISOString(),
  is_read: row.is_read,
  sender_username: row.sender_username,
  recipient_username: row.recipient_username,
})
