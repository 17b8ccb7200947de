import { CompiledQuery } from 'kysely'
import type { Db } from './database.js'
import type { MessageRow } from './messages.js'
import type { Sealed } from './sealed.js'
import { sendMessagesText, sendOneText } from './send-messages-text.js'

export interface NewMessage {
  readonly sender: MessageSender
  readonly recipientId: number
  /** A uuid of its own, which title and body are bound to: see messagePlace(). */
  readonly sealId: string
  readonly title: Sealed
  readonly body: Sealed
}

/** An account as its token says; the statement that sends looks up whether that is still so. */
export interface MessageSender {
  readonly accountId: number
  readonly username: string
  /** Of its tokens. */
  readonly generation: number
}

/** `unknown_sender`: it ended, or its tokens did; `unknown_recipient`: nobody with that id can get mail. */
export type SendOutcome = MessageRow | 'unknown_sender' | 'unknown_recipient'

/**
 * Writes messages, counts them and tells the recipients' sockets, all in one statement. A message that can't
 * be sent stops no other. The counters' rows are locked, in the order of their accounts, until the statement
 * is committed, so that seq, id and the order of the events of one recipient agree.
 *
 * @returns an outcome for each message, in their order
 */
export async function sendMessages(
  db: Db,
  messages: readonly NewMessage[],
): Promise<SendOutcome[]> {
  const [first] = messages
  const query =
    first !== undefined && messages.length === 1
      ? CompiledQuery.raw(sendOneText, toParametersOfOne(first))
      : CompiledQuery.raw(sendMessagesText, toParameters(messages))
  const { rows } = await db.executeQuery<SentRow>(query)
  return rows.map((row, place) => readOutcome(row, messages[place]))
}

interface SentRow {
  readonly sender_stands: boolean
  readonly recipient_username: string | null
  readonly id: number | null
  readonly created_at: Date
}

function readOutcome(row: SentRow, message: NewMessage | undefined): SendOutcome {
  const { id, created_at, recipient_username, sender_stands } = row
  if (message === undefined || !sender_stands) return 'unknown_sender'
  if (id === null || recipient_username === null) return 'unknown_recipient'
  const { sender, recipientId, sealId, title, body } = message
  return {
    id,
    sender_id: sender.accountId,
    recipient_id: recipientId,
    sender_username: sender.username,
    recipient_username,
    seal_id: sealId,
    title,
    body,
    is_read: false,
    created_at,
  }
}

/** All texts as one value, and where each begins: an array of them would travel as hex digits, twice as long. */
function toParameters(messages: readonly NewMessage[]): unknown[] {
  const bytes: Buffer[] = []
  const [titlesAt, bodiesAt, ends]: [number[], number[], number[]] = [[], [], []]
  let at = 0
  for (const { title, body } of messages) {
    titlesAt.push(at)
    bodiesAt.push(at + title.length)
    at += title.length + body.length
    ends.push(at)
    bytes.push(title, body)
  }
  return [
    messages.map(({ sender }) => sender.accountId),
    messages.map(({ sender }) => sender.username),
    messages.map(({ sender }) => sender.generation),
    messages.map(({ recipientId }) => recipientId),
    messages.map(({ sealId }) => sealId),
    titlesAt,
    bodiesAt,
    ends,
    Buffer.concat(bytes),
  ]
}

function toParametersOfOne({ sender, recipientId, sealId, title, body }: NewMessage): unknown[] {
  return [sender.accountId, sender.username, sender.generation, recipientId, sealId, title, body]
}
