import { randomUUID } from 'node:crypto'
import type { Updateable } from 'kysely'
import { accountEventsChannel } from '../../../db/account-events.js'
import type { OpenDatabase } from '../../../db/database.js'
import { type KeyRing, sealText } from '../../../db/key-ring.js'
import type { Database } from '../../../db/schema/database.js'
import { messagePlace } from '../../../db/seal-places.js'
import { keys, tokens } from '../../support/gateway.js'
import { addMailAccount } from '../../support/mail-accounts.js'
import { sendMessage } from '../../support/send-message.js'

export interface MailPerson {
  readonly id: number
  readonly username: string
  readonly token: string
}

export async function addPerson({ db }: OpenDatabase, username: string): Promise<MailPerson> {
  const id = await addMailAccount(db, username)
  return { id, username, token: await tokens.issue({ username, accountId: id, generation: 0 }) }
}

/** @returns the message's id */
export async function sendMail(
  { db }: OpenDatabase,
  from: MailPerson,
  to: MailPerson,
  title: string,
  by: KeyRing = keys,
): Promise<number> {
  const ids = { seal_id: randomUUID(), sender_id: from.id, recipient_id: to.id }
  const sent = await sendMessage(db, {
    senderId: from.id,
    recipientId: to.id,
    sealId: ids.seal_id,
    title: sealText(by, title, messagePlace('title', ids)),
    body: sealText(by, 'Segue em anexo.', messagePlace('body', ids)),
  })
  return sent.id
}

export async function updateAccount(
  { db }: OpenDatabase,
  { id }: MailPerson,
  change: Updateable<Database['accounts']>,
): Promise<void> {
  await db.updateTable('accounts').set(change).where('id', '=', id).execute()
}

/** Tells the sockets, as whoever ends an account or signs it out does. */
export async function notifyEnded(
  { pool }: OpenDatabase,
  { id: account }: MailPerson,
): Promise<void> {
  await pool.query('select pg_notify($1, $2)', [
    accountEventsChannel,
    JSON.stringify({ kind: 'ended', account }),
  ])
}
