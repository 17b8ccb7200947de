import type { GeneratedAlways } from 'kysely'
import type { Sealed } from '../sealed.js'
import type { Defaulted } from './columns.js'

/** One row for each account that ever got mail: bumped in the transaction of each event. */
export interface MailCountersTable {
  readonly account_id: number
  /** Milliseconds: when the counting began. */
  readonly epoch: GeneratedAlways<number>
  seq: Defaulted<number>
  unread: Defaulted<number>
}

export interface MessagesTable {
  readonly id: GeneratedAlways<number>
  readonly sender_id: number
  readonly recipient_id: number
  /** Text. */
  readonly title: Sealed
  /** Text. */
  readonly body: Sealed
  /** What title and body are bound to, unique; null where they were sealed before seals were bound. */
  readonly seal_id: Defaulted<string | null>
  /** Of the event that told the recipient of it. */
  readonly seq: number
  is_read: Defaulted<boolean>
  readonly created_at: Defaulted<Date>
}
