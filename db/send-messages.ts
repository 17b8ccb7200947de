import { CompiledQuery } from 'kysely'
import { accountEventsChannel } from './account-events.js'
import type { Db } from './database.js'
import type { MessageRow } from './messages.js'

export interface NewMessage {
  readonly sender: MessageSender
  readonly recipientId: number
  /** Sealed. */
  readonly title: Buffer
  /** Sealed. */
  readonly body: Buffer
}

/** An account as its token says; whether that still stands is looked up with the sending. */
export interface MessageSender {
  readonly accountId: number
  readonly username: string
  /** Of its tokens. */
  readonly generation: number
}

/** `unknown_sender`: it ended, or its tokens did; `unknown_recipient`: nobody with that id can get mail. */
export type SendOutcome = MessageRow | 'unknown_sender' | 'unknown_recipient'

/**
 * Writes messages, counts them and tells the recipients' sockets, all in one statement: who waits for one
 * message waits for all, but a message that can't be sent stops no other. The counters' rows are locked, in
 * the order of their accounts, until it is committed, so that seq, id and the order of the events of one
 * recipient agree.
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
  const { sender, recipientId, title, body } = message
  return {
    id,
    sender_id: sender.accountId,
    recipient_id: recipientId,
    sender_username: sender.username,
    recipient_username,
    title,
    body,
    is_read: false,
    created_at,
  }
}

/** All bytes as one value and where each text begins: an array of bytes would travel as text, twice as long. */
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
    titlesAt,
    bodiesAt,
    ends,
    Buffer.concat(bytes),
  ]
}

/** Sealed bytes of a title that fit a notification beside the rest; what routes take is a third of it. */
const notifiedTitleBytes = 3_500

// Texts, not builders, as in jobs.ts: they run for every message.

/** Tells the recipient's sockets. Where it stands, these are known: id, epoch, seq, unread. */
const notify = (
  title: string,
  message: { recipientId: string; senderId: string; sender: string },
) => `
  pg_notify('${accountEventsChannel}', json_strip_nulls(json_build_object(
    'kind', 'message', 'account', ${message.recipientId}, 'epoch', epoch, 'seq', seq, 'unread', unread,
    'message', json_build_object(
      'id', id, 'sender_id', ${message.senderId}, 'sender_username', ${message.sender},
      'title', case when octet_length(${title}) <= ${notifiedTitleBytes}
        then replace(encode(${title}, 'base64'), e'\\n', '') end,
      'timestamp', to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    )))::text)`

const stands = 'disabled_at is null and deleted_at is null'

/** A lone message is most of what is sent, and takes half as long as by the statement of many. */
const sendOneText = `
  with people as (
    select exists (
        select from accounts
        where id = $1 and username = $2::text and token_generation = $3 and ${stands}
      ) as sender_stands,
      (select username from accounts where id = $4 and ${stands}) as recipient_username
  ), counted as (
    insert into mail_counters as counters (account_id, seq, unread)
    select $4, 1, 1 from people where sender_stands and recipient_username is not null
    on conflict (account_id) do update set seq = counters.seq + 1, unread = counters.unread + 1
    returning epoch, seq, unread
  ), written as (
    insert into messages (sender_id, recipient_id, title, body, seq)
    select $1, $4, $5::bytea, $6::bytea, seq from counted
    returning id
  ), told as (
    select id, ${notify('$5::bytea', { recipientId: '$4::int', senderId: '$1::int', sender: '$2::text' })}
    from counted, written
  )
  select sender_stands, recipient_username, id, now() as created_at from people left join told on true`

function toParametersOfOne({ sender, recipientId, title, body }: NewMessage): unknown[] {
  return [sender.accountId, sender.username, sender.generation, recipientId, title, body]
}

// The look-ups are lateral with a limit, so that a plan made while the tables were small still goes by their
// keys when they are large.
const sendMessagesText = `
  with asked as (
    select asked.*, sender.id is not null as sender_stands, recipient.username as recipient_username,
      substring($8::bytea from title_at + 1 for body_at - title_at) as title,
      substring($8::bytea from body_at + 1 for ends_at - body_at) as body
    from unnest($1::int[], $2::text[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[])
      with ordinality as asked (sender_id, sender_username, generation, recipient_id, title_at, body_at,
        ends_at, place)
    left join lateral (
      select id from accounts
      where id = sender_id and username = sender_username and token_generation = generation
        and ${stands}
      limit 1
    ) as sender on true
    left join lateral (
      select username from accounts
      where id = recipient_id and ${stands}
      limit 1
    ) as recipient on true
  ), sendable as (
    select place, recipient_id, count(*) over (partition by recipient_id) as together,
      row_number() over (partition by recipient_id order by place) as nth
    from asked
    where sender_stands and recipient_username is not null
  ), counted as (
    insert into mail_counters as counters (account_id, seq, unread)
    select recipient_id, together, together from sendable where nth = 1 order by recipient_id
    on conflict (account_id) do update
      set seq = counters.seq + excluded.seq, unread = counters.unread + excluded.unread
    returning account_id, epoch, seq, unread
  ), placed as (
    select place, epoch, seq - together + nth as seq, unread - together + nth as unread,
      nextval('messages_id_seq')::int as id
    from sendable join counted on account_id = recipient_id
    order by place
  ), written as (
    insert into messages (id, sender_id, recipient_id, title, body, seq) overriding system value
    select id, sender_id, recipient_id, title, body, seq from asked join placed using (place)
  )
  select sender_stands, recipient_username, id, now() as created_at,
    case when id is not null
      then ${notify('title', { recipientId: 'recipient_id', senderId: 'sender_id', sender: 'sender_username' })}
    end
  from asked left join placed using (place)
  order by place`
