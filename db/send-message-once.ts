import type { Db } from './database.js'
import {
  claimIdempotencyKey,
  type IdempotencyKey,
  pointIdempotencyKey,
  releaseIdempotencyKey,
} from './idempotency.js'
import type { MessageRow } from './messages.js'
import { type NewMessage, sendMessages, type SendOutcome } from './send-messages.js'

const kind = 'message'

/** The key stands for a message already, or, with undefined, for something else or another content. */
export interface KnownMessage {
  readonly knownId: number | undefined
}

/**
 * Writes a message unless one was written by this key. Of two at once the second waits for the first. A key
 * whose message can't be sent stands for nothing.
 */
export async function sendMessageOnce(
  db: Db,
  key: IdempotencyKey,
  message: NewMessage,
): Promise<SendOutcome | KnownMessage> {
  return await db.transaction().execute(async (trx) => {
    const known = await claimIdempotencyKey(trx, key, { kind, id: message.sealId })
    if (known !== undefined) {
      const isSame = known.kind === kind && known.bodyHash === key.bodyHash
      return { knownId: isSame ? Number(known.id) : undefined }
    }
    const [sent = 'unknown_sender'] = await sendMessages(trx, [message])
    if (typeof sent === 'string') await releaseIdempotencyKey(trx, key)
    else await pointIdempotencyKey(trx, key, String(sent.id))
    return sent
  })
}

/** One of an account's own messages, as it was sent. */
export async function findSentMessage(
  db: Db,
  { id, senderId }: { readonly id: number; readonly senderId: number },
): Promise<MessageRow | undefined> {
  return await db
    .selectFrom('messages')
    .innerJoin('accounts as sender', 'sender.id', 'sender_id')
    .innerJoin('accounts as recipient', 'recipient.id', 'recipient_id')
    .select(['messages.id', 'sender_id', 'recipient_id', 'seal_id', 'title', 'body', 'is_read'])
    .select(['messages.created_at', 'sender.username as sender_username'])
    .select('recipient.username as recipient_username')
    .where('messages.id', '=', id)
    .where('sender_id', '=', senderId)
    .executeTakeFirst()
}
