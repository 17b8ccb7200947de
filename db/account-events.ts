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
        /** What the title is bound to; absent in what a process from before seals were bound tells. */
        readonly seal_id?: string
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

/**
 * Reads what came by NOTIFY. The checks are written by hand, because a gateway makes them for every message
 * of everybody: a schema took a seventh of its time.
 *
 * @returns undefined for whatever is no event that this version knows
 */
export function parseAccountEvent(payload: string): AccountEvent | undefined {
  try {
    const event: unknown = JSON.parse(payload)
    return isAccountEvent(event) ? event : undefined
  } catch {
    return undefined
  }
}

function isAccountEvent(event: unknown): event is AccountEvent {
  if (!isRecord(event) || !Number.isInteger(event['account'])) return false
  switch (event['kind']) {
    case 'ended':
      return true
    case 'count':
      return isCounted(event)
    case 'message':
      return isCounted(event) && isToldMessage(event['message'])
    default:
      return false
  }
}

const isCounted = ({ epoch, seq, unread }: Fields): boolean =>
  typeof epoch === 'number' && typeof seq === 'number' && typeof unread === 'number'

const isToldMessage = (message: unknown): boolean =>
  isRecord(message) &&
  Number.isInteger(message['id']) &&
  Number.isInteger(message['sender_id']) &&
  typeof message['sender_username'] === 'string' &&
  typeof message['timestamp'] === 'string' &&
  isTextOrAbsent(message['seal_id']) &&
  isTextOrAbsent(message['title'])

const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string'

type Fields = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null
