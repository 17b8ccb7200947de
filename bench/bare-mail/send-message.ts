import { accountEventsChannel } from '../../db/account-events.js'

/**
 * Counter, row and NOTIFY of one message in one transaction: the statement that the product had before it
 * wrote several messages with one. The peer keeps it, so that it stays what figures are compared with.
 */
export const sendMessageText = `
  with people as (
    select recipient.id as recipient_id, recipient.username as recipient_username,
      sender.username as sender_username
    from accounts as recipient, accounts as sender
    where recipient.id = $2 and recipient.disabled_at is null and recipient.deleted_at is null
      and sender.id = $1
  ), counted as (
    insert into mail_counters as counters (account_id, seq, unread)
    select recipient_id, 1, 1 from people
    on conflict (account_id) do update set seq = counters.seq + 1, unread = counters.unread + 1
    returning account_id, epoch, seq, unread
  ), written as (
    insert into messages (sender_id, recipient_id, title, body, seq)
    select $1, account_id, $3::bytea, $4::bytea, seq from counted
    returning id, created_at
  )
  select written.id, written.created_at, people.sender_username, people.recipient_username,
    pg_notify('${accountEventsChannel}', json_strip_nulls(json_build_object(
      'kind', 'message', 'account', counted.account_id, 'epoch', counted.epoch,
      'seq', counted.seq, 'unread', counted.unread,
      'message', json_build_object(
        'id', written.id, 'sender_id', $1::int, 'sender_username', people.sender_username,
        'title', case when octet_length($3::bytea) <= 3500
          then replace(encode($3::bytea, 'base64'), e'\\n', '') end,
        'timestamp', to_char(written.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      )))::text)
  from written, counted, people`
