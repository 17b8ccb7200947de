import { CompiledQuery } from 'kysely'
import { accountEventsChannel } from './account-events.js'
import type { Db } from './database.js'
import type { Sealed } from './sealed.js'

/** A message as it rests. Title and body are sealed for messagePlace(). */
export interface MessageRow {
  readonly id: number
  readonly sender_id: number
  readonly recipient_id: number
  readonly sender_username: string
  readonly recipient_username: string
  readonly seal_id: string | null
  readonly title: Sealed
  readonly body: Sealed
  readonly is_read: boolean
  readonly created_at: Date
}

/** What an account's sockets are told of its mail; all zero before its first message. */
export interface MailState {
  readonly account: number
  readonly epoch: number
  readonly seq: number
  readonly unread: number
}

/** A message as a socket is told of it. */
export type MissedMessage = Pick<
  MessageRow,
  'id' | 'sender_id' | 'sender_username' | 'seal_id' | 'title' | 'created_at'
> & {
  readonly seq: number
}

/** Which part of a mailbox, newest first. */
export interface MailPage {
  readonly accountId: number
  readonly limit?: number | undefined
  /** Only messages with a smaller id. */
  readonly before?: number | undefined
}

/**
 * Marks a message as read. The count falls once, however often that is asked and by however many at once.
 *
 * @returns false where the account has no such message in its inbox
 */
export async function markRead(
  db: Db,
  { accountId, messageId }: { accountId: number; messageId: number },
): Promise<boolean> {
  const { rows } = await db.executeQuery<{ found: boolean }>(
    CompiledQuery.raw(markReadText, [accountId, messageId]),
  )
  return rows[0]?.found === true
}

const markReadText = `
  with marked as (
    update messages set is_read = true
    where id = $2 and recipient_id = $1 and not is_read
    returning recipient_id
  ), counted as (
    update mail_counters as counters set seq = counters.seq + 1, unread = counters.unread - 1
    from marked
    where counters.account_id = marked.recipient_id
    returning account_id, epoch, seq, unread
  )
  select exists (select from messages where id = $2 and recipient_id = $1) as found,
    (select pg_notify('${accountEventsChannel}', json_build_object(
      'kind', 'count', 'account', account_id, 'epoch', epoch, 'seq', seq, 'unread', unread)::text)
    from counted)`

/** What an account was sent, newest first; see MailPage and maxBytes. */
export async function listInbox(db: Db, page: MailPage): Promise<MessageRow[]> {
  return await listMail(db, inboxText, page)
}

/** What an account has sent, newest first; see MailPage and maxBytes. */
export async function listOutbox(db: Db, page: MailPage): Promise<MessageRow[]> {
  return await listMail(db, outboxText, page)
}

async function listMail(
  db: Db,
  text: string,
  { accountId, limit, before }: MailPage,
): Promise<MessageRow[]> {
  const newest = before === undefined ? maxId : before - 1
  const { rows } = await db.executeQuery<MessageRow>(
    CompiledQuery.raw(text, [accountId, newest, limit]),
  )
  return rows
}

const maxId = 2_147_483_647
/** Others decide how much a mailbox holds, and an answer must not fill the memory. */
const maxBytes = 16 * 1024 * 1024
/** Bytes that a message takes in an answer beside its texts. */
const bytesBeside = 512

const mailText = (owner: 'recipient_id' | 'sender_id') => `
  select mail.id, sender_id, recipient_id, seal_id, title, body, is_read, mail.created_at,
    sender.username as sender_username, recipient.username as recipient_username
  from (
    select *, sum(octet_length(title) + octet_length(body) + ${bytesBeside})
      over (order by id desc rows unbounded preceding) as bytes
    from messages
    where ${owner} = $1 and id <= $2
    order by id desc
    limit $3::bigint
  ) as mail
  join accounts as sender on sender.id = sender_id
  join accounts as recipient on recipient.id = recipient_id
  where bytes <= ${maxBytes}
  order by mail.id desc`
const inboxText = mailText('recipient_id')
const outboxText = mailText('sender_id')

/** The present state of each account, in no order. */
export async function findMailState(db: Db, accountIds: readonly number[]): Promise<MailState[]> {
  const { rows } = await db.executeQuery<MailState>(CompiledQuery.raw(mailStateText, [accountIds]))
  return rows
}

const mailStateText = `
  select account, coalesce(epoch, 0) as epoch, coalesce(seq, 0) as seq, coalesce(unread, 0) as unread
  from unnest($1::int[]) as asked (account)
  left join mail_counters on account_id = account`

/** What an account was sent after `seq`, oldest first; of more than `limit` the newest. */
export async function listMessagesSince(
  db: Db,
  { accountId, seq, limit }: { accountId: number; seq: number; limit: number },
): Promise<MissedMessage[]> {
  const { rows } = await db.executeQuery<MissedMessage>(
    CompiledQuery.raw(sinceText, [accountId, seq, limit]),
  )
  return rows
}

// The ids of one recipient's messages grow as their seq does. So the inbox's index finds the newest, and seq
// needs no index of its own.
const sinceText = `
  select mail.id, sender_id, username as sender_username, seal_id, title, mail.created_at, seq
  from (
    select * from messages where recipient_id = $1 order by id desc limit $3::bigint
  ) as mail
  join accounts on accounts.id = sender_id
  where seq > $2
  order by seq`
