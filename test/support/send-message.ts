import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Db } from '../../db/database.js'
import type { MessageRow } from '../../db/messages.js'
import type { Sealed } from '../../db/sealed.js'
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
    readonly sealId?: string
    readonly title: Sealed
    readonly body: Sealed
  },
): Promise<MessageRow> {
  const { senderId, sealId = randomUUID(), ...rest } = message
  const sender = await findSender(db, senderId)
  const [sent] = await sendMessages(db, [{ sender, sealId, ...rest }])
  assert.ok(typeof sent === 'object', 'The message was not sent.')
  return sent
}
