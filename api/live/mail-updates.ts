import type { Logger } from 'pino'
import { type AccountEvent, parseAccountEvent } from '../../db/account-events.js'
import { listGenerations } from '../../db/accounts.js'
import type { Db } from '../../db/database.js'
import { type KeyRing, openText } from '../../db/key-ring.js'
import { findMailState, listMessagesSince, type MailState } from '../../db/messages.js'
import { type MessageIds, messagePlace } from '../../db/seal-places.js'
import { asSealed, type Sealed } from '../../db/sealed.js'
import { createBatchReader } from './batch-reader.js'

/** How far somebody has followed an account's mail; epoch 0 is before its first message. */
export interface MailPosition {
  readonly epoch: number
  readonly seq: number
}

/** What is told of an account's mail: the count is absolute. */
export interface MailNews extends MailPosition {
  readonly unread: number
  /** Absent where only the count is news. */
  readonly message?: {
    readonly id: number
    readonly sender_id: number
    readonly sender_username: string
    readonly title: string
    readonly timestamp: string
  }
}

/** Whoever follows an account: one socket. */
export interface MailReader {
  /** Of the token it came with. */
  readonly generation: number
  /** Where it left off before. */
  readonly since: MailPosition | undefined
  tell(news: MailNews): void
  /** Its account was disabled or deleted, or signed out everywhere. Nothing follows. */
  end(): void
}

export interface MailUpdates {
  /** What the reader missed and the present count follow as soon as they are known. */
  watch(accountId: number, reader: MailReader): void
  unwatch(accountId: number, reader: MailReader): void
  /** @param payload what NOTIFY carried */
  onNotification(payload: string): void
  /** Hints were lost: every watched account is read again. */
  resync(): void
  close(): void
}

export interface MailUpdatesInput {
  readonly db: Db
  readonly keys: KeyRing
  readonly log: Logger
  /** What could not be read is tried again this often. */
  readonly tickMs?: number
}

/** Readers of one account and how far each has come; undefined until the account was read for it. */
type Room = Map<MailReader, MailPosition | undefined>

const usualTickMs = 1_000
/** Of more that were missed the newest are told: as many as a reader may be behind, however long their titles. */
const mostMissed = 100

/**
 * Follows the mail of the accounts that somebody watches. An event that continues what a reader has seen
 * is told as it comes; whatever else happens (a reader comes, a number is left out, the connection was
 * gone, an account ended), the tables are read.
 */
export function createMailUpdates(input: MailUpdatesInput): MailUpdates {
  const { db, keys, log } = input
  const rooms = new Map<number, Room>()
  const failed = new Set<number>()

  function takeEvent(event: AccountEvent): void {
    const room = rooms.get(event.account)
    if (room === undefined) return
    if (event.kind === 'ended' || (event.kind === 'message' && event.message.title === undefined)) {
      read(event.account)
      return
    }
    const { epoch, seq } = event
    let news: MailNews | undefined
    for (const [reader, position] of room) {
      if (position !== undefined && follows(event, position)) {
        news ??= describeEvent(event)
        // First, for whoever can't be told leaves the room.
        room.set(reader, { epoch, seq })
        reader.tell(news)
      } else if (position === undefined || position.epoch !== epoch || position.seq < seq)
        read(event.account)
    }
  }

  function describeEvent(event: Exclude<AccountEvent, { kind: 'ended' }>): MailNews {
    const { epoch, seq, unread } = event
    if (event.kind === 'count') return { epoch, seq, unread }
    const { title: sealed = '', seal_id, ...rest } = event.message
    const ids = { seal_id, sender_id: rest.sender_id, recipient_id: event.account }
    const title = findTitle(asSealed(Buffer.from(sealed, 'base64')), ids)
    return { epoch, seq, unread, ...(title === undefined ? {} : { message: { ...rest, title } }) }
  }

  /** A title that does not open (its key is gone, or it was moved) is not told of; the count still is. */
  function findTitle(sealed: Sealed, ids: MessageIds): string | undefined {
    try {
      return openText(keys, sealed, messagePlace('title', ids))
    } catch (error) {
      log.error({ err: error }, 'The title of a message could not be opened.')
      return undefined
    }
  }

  const { read, clear } = createBatchReader<number>(async (ids) => {
    try {
      await readSome(ids)
    } catch (error) {
      log.warn({ err: error }, 'Watched mailboxes could not be read; trying again.')
      for (const id of ids) failed.add(id)
    }
  })

  async function readSome(ids: readonly number[]): Promise<void> {
    // Before the state, for only those who still may are told it.
    const accounts = await listGenerations(db, ids)
    const generations = new Map(accounts.map((account) => [account.id, account.token_generation]))
    for (const id of ids) endOthers(id, generations.get(id))
    for (const state of await findMailState(db, ids)) {
      const room = rooms.get(state.account)
      if (room !== undefined) await catchUp(room, state)
    }
  }

  /** @param generation whose readers may stay; undefined where nobody may */
  function endOthers(accountId: number, generation: number | undefined): void {
    for (const reader of rooms.get(accountId)?.keys() ?? []) {
      if (reader.generation === generation) continue
      unwatch(accountId, reader)
      reader.end()
    }
  }

  async function catchUp(room: Room, state: MailState): Promise<void> {
    const { epoch, seq, unread } = state
    // Who comes while the messages are read may have missed more: they have a read of their own to come.
    const behind = [...room.keys()].filter((reader) => findStart(reader, room, state) !== undefined)
    const starts = behind.map((reader) => findStart(reader, room, state) ?? seq)
    const missed = await listMissed(state, Math.min(seq, ...starts))
    for (const reader of behind) {
      // Again, for events may have been told meanwhile.
      const start = room.has(reader) ? findStart(reader, room, state) : undefined
      if (start === undefined) continue
      room.set(reader, { epoch, seq })
      for (const news of missed) if (news.seq > start) reader.tell(news)
      reader.tell({ epoch, seq, unread })
    }
  }

  async function listMissed(state: MailState, start: number): Promise<MailNews[]> {
    const { account: accountId, epoch, seq, unread } = state
    if (start >= seq) return []
    const rows = await listMessagesSince(db, { accountId, seq: start, limit: mostMissed })
    return rows
      .filter((row) => row.seq <= seq)
      .flatMap((row) => {
        const { id, sender_id, sender_username } = row
        const title = findTitle(row.title, { ...row, recipient_id: accountId })
        if (title === undefined) return []
        const timestamp = row.created_at.toISOString()
        const message = { id, sender_id, sender_username, title, timestamp }
        return [{ epoch, seq: row.seq, unread, message }]
      })
  }

  function watch(accountId: number, reader: MailReader): void {
    const room = rooms.get(accountId) ?? new Map<MailReader, undefined>()
    rooms.set(accountId, room.set(reader, undefined))
    read(accountId)
  }

  function unwatch(accountId: number, reader: MailReader): void {
    const room = rooms.get(accountId)
    room?.delete(reader)
    if (room?.size === 0) rooms.delete(accountId)
  }

  const timer = setInterval(() => {
    for (const id of failed) if (rooms.has(id)) read(id)
    failed.clear()
  }, input.tickMs ?? usualTickMs)

  return {
    watch,
    unwatch,
    onNotification: (payload) => {
      const event = parseAccountEvent(payload)
      if (event !== undefined) takeEvent(event)
    },
    resync: () => {
      for (const id of rooms.keys()) read(id)
    },
    close: () => {
      clearInterval(timer)
      rooms.clear()
      clear()
    },
  }
}

/** The very next event after what a reader has seen; the first of all is that of whoever saw none. */
const follows = (next: MailPosition, seen: MailPosition): boolean =>
  next.seq === seen.seq + 1 && (next.epoch === seen.epoch || seen.epoch === 0)

/** After which seq a reader has to be told; undefined where it knows the state, or a newer one, already. */
function findStart(reader: MailReader, room: Room, state: MailPosition): number | undefined {
  const seen = room.get(reader)
  if (seen === undefined) return findSince(reader.since, state)
  if (seen.epoch === state.epoch) return seen.seq < state.seq ? seen.seq : undefined
  if (seen.epoch === 0) return 0
  // Read before the counting began, which this reader has seen.
  if (state.epoch === 0) return undefined
  return state.seq
}

/** A position of another counting, or one that was never reached, says nothing: the present state alone is told. */
function findSince(since: MailPosition | undefined, state: MailPosition): number {
  if (since?.epoch === 0) return 0
  return since?.epoch === state.epoch && since.seq <= state.seq ? since.seq : state.seq
}
