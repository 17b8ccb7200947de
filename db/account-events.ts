/** Channel of NOTIFY that carries AccountEvent as JSON. */
export const accountEventsChannel = 'triagem_account_events'

/** What sockets of an account are told of. A hint: the tables are the truth. */
export type AccountEvent =
  | {
      readonly kind: 'message'
      readonly account: number
      readonly epoch: number
      readonly seq: number
      readonly unread: number
      readonly message: {
        readonly id: number
        readonly sender_id: number
        readonly sender_username: string
        /** Sealed text, base64; absent where it would not fit a notification (8,000 bytes). */
        readonly title?: string
        /** UTC with Z. */
        readonly timestamp: string
      }
    }
  | {
      readonly kind: 'count'
      readonly account: number
      readonly epoch: number
      readonly seq: number
      readonly unread: number
    }
  /** Disabled, deleted or signed out everywhere: sockets that were opened before are closed. */
  | { readonly kind: 'ended'; readonly account: number }
