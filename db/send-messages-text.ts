// Raw SQL, not the query builder. These statements run for every message, and to build and compile one took about as
// long as PostgreSQL takes to run it. Most of what is in them (unnest with ordinality, pg_notify beside an insert) would
// be raw fragments in the builder as well.
import { accountEventsChannel } from './account-events.js'

/** A sealed title up to this size fits a notification beside the rest; routes take a third of it. */
const maxNotifiedTitleBytes = 3_500

/** Tells the recipient's sockets. The columns id, epoch, seq and unread must be in reach where it is put. */
const notify = (
  title: string,
  message: { recipientId: string; senderId: string; sender: string; sealId: string },
) => `
  pg_notify('${accountEventsChannel}', json_strip_nulls(json_build_object(
    'kind', 'message', 'account', ${message.recipientId}, 'epoch', epoch, 'seq', seq, 'unread', unread,
    'message', json_build_object(
      'id', id, 'sender_id', ${message.senderId}, 'sender_username', ${message.sender},
      'seal_id', ${message.sealId},
      'title', case when octet_length(${title}) <= ${maxNotifiedTitleBytes}
        then replace(encode(${title}, 'base64'), e'\\n', '') end,
      'timestamp', to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    )))::text)`

const stands = 'disabled_at is null and deleted_at is null'

/** Most messages are sent alone, and alone they take half as long as by the statement of many. */
export const sendOneText = `
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
    insert into messages (sender_id, recipient_id, seal_id, title, body, seq)
    select $1, $4, $5::uuid, $6::bytea, $7::bytea, seq from counted
    returning id
  ), told as (
    select id, ${notify('$6::bytea', { recipientId: '$4::int', senderId: '$1::int', sender: '$2::text', sealId: '$5::uuid' })}
    from counted, written
  )
  select sender_stands, recipient_username, id, now() as created_at from people left join told on true`

// The look-ups are lateral with a limit, so that a plan made while the tables were small still goes by their
// keys when they are large.
export const sendMessagesText = `
  with asked as (
    select asked.*, sender.id is not null as sender_stands, recipient.username as recipient_username,
      substring($9::bytea from title_at + 1 for body_at - title_at) as title,
      substring($9::bytea from body_at + 1 for ends_at - body_at) as body
    from unnest($1::int[], $2::text[], $3::int[], $4::int[], $5::uuid[], $6::int[], $7::int[], $8::int[])
      with ordinality as asked (sender_id, sender_username, generation, recipient_id, seal_id, title_at,
        body_at, ends_at, place)
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
    insert into messages (id, sender_id, recipient_id, seal_id, title, body, seq) overriding system value
    select id, sender_id, recipient_id, seal_id, title, body, seq from asked join placed using (place)
  )
  select sender_stands, recipient_username, id, now() as created_at,
    case when id is not null
      then ${notify('title', { recipientId: 'recipient_id', senderId: 'sender_id', sender: 'sender_username', sealId: 'seal_id' })}
    end
  from asked left join placed using (place)
  order by place`
