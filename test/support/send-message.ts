import assert from 'node:assert/strict'
import type { Db } from '../../db/database.js'
import type { MessageRow } from '../../db/messages.js'
import { type MessageSender, sendMessages } from '../../db/send-messages.js'

/** What a token of this account says now. */
export async function findSender(db: Db, accountId: number): Promise<MessageSender> {
  const { username, token_generation } = await db
    .selectFrom('accounts')
    .select(['username', 'token_generation'])
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
  return { accountId, username, generation: token_generation }
}

/** Sends one message, which must succeed. */
export async function sendMessage(
  db: Db,
  message: {
    readonly senderId: number
    readonly recipientId: number
    readonly title: Buffer
    readonly body: Buffer
  },
): Promise<MessageRow> {
  const { senderId, ...rest } = message
  const [sent] = await sendMessages(db, [{ sender: await findSender(db, senderId), ...rest }])
  assert.ok(typeof sent === 'object', 'The message was not sent.')
  return sent
}
