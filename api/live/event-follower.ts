import type { Logger } from 'pino'
import { createBatchReader } from './batch-reader.js'
import { createRetries } from './retries.js'
import { findStart, follows, type Position } from './position.js'
import {
  type EventFeedSource,
  isUnopened,
  type PresentState,
  type UnopenedChange,
} from './event-source.js'

/** One socket that follows a list. */
export interface EventReader<News, Pass> {
  readonly pass: Pass
  /** How far it had come before. */
  readonly since: Position | undefined
  tell(news: News): void
  /** Its pass is good no more. Nothing follows. */
  end(): void
}

export interface EventFollower<Key, News, Pass> {
  /** What the reader missed and the present state follow as soon as they are known. */
  watch(key: Key, reader: EventReader<News, Pass>): void
  unwatch(key: Key, reader: EventReader<News, Pass>): void
  /** @param payload what NOTIFY carried */
  onNotification(payload: string): void
  /** Notifications were lost: every watched list is read again. */
  resync(): void
  close(): void
}

export interface EventFollowerInput<Key, Event extends Position, News extends Position, Pass> {
  readonly source: EventFeedSource<Key, Event, News, Pass>
  readonly log: Logger
  /** What could not be read is tried again this often. */
  readonly tickMs?: number | undefined
}

/** What one reader missed, in order, after the seq `start`. */
interface Missed<News extends Position> {
  readonly missed: readonly (News | UnopenedChange)[]
  readonly start: number
  readonly present: News
}

const defaultTickMs = 1_000
/** Of more that were missed the newest are told: as many as a socket's buffer holds, however long each is. */
const maxMissed = 100

/**
 * Follows the lists that somebody watches. An event that continues what a reader has seen is told as it
 * comes. Whatever else happens (a reader comes, a number is left out, the connection was gone, access
 * ended), the tables are read. Knows nothing of sockets.
 */
export function createEventFollower<Key, Event extends Position, News extends Position, Pass>(
  input: EventFollowerInput<Key, Event, News, Pass>,
): EventFollower<Key, News, Pass> {
  type Reader = EventReader<News, Pass>
  /** The readers of one list and how far each has come; undefined until the list was read for it. */
  type Room = Map<Reader, Position | undefined>
  const { source, log } = input
  const rooms = new Map<Key, Room>()
  const failed = new Set<Key>()
  /** Lists with a change that can't be opened yet: they are read again, with a growing pause. */
  const closed = createRetries<Key>(input.tickMs ?? defaultTickMs)

  function takeEvent(key: Key, event: Event | undefined): void {
    const room = rooms.get(key)
    if (room === undefined) return
    if (event === undefined) {
      read(key)
      return
    }
    const { epoch, seq } = event
    let news: News | UnopenedChange | undefined
    for (const [reader, seen] of room) {
      if (seen !== undefined && follows(event, seen)) {
        news ??= source.describeEvent(event)
        if (isUnopened(news)) {
          closed.plan(key)
          return
        }
        // Before it is told: a reader that can't be told leaves the room.
        room.set(reader, { epoch, seq })
        reader.tell(news)
      } else if (seen === undefined || seen.epoch !== epoch || seen.seq < seq) {
        // One who waits before a change that can't be opened is not helped by reading it at each further one.
        if (!closed.has(key)) read(key)
      }
    }
  }

  const { read, clear } = createBatchReader<Key>(async (keys) => {
    try {
      await readSome(keys)
    } catch (error) {
      log.warn({ err: error }, 'Watched lists could not be read; trying again.')
      for (const key of keys) failed.add(key)
    }
  })

  async function readSome(keys: readonly Key[]): Promise<void> {
    // Access first: nobody is told a state that was read after their access had ended.
    const admitted = await keepAdmitted(keys)
    for (const state of await source.readPresent(keys)) await catchUp(state, admitted)
  }

  /** Ends the readers whose pass is good no more. @returns the others; not those who come meanwhile */
  async function keepAdmitted(keys: readonly Key[]): Promise<ReadonlySet<Reader>> {
    const watching = keys.flatMap((key) =>
      [...(rooms.get(key)?.keys() ?? [])].map((reader) => ({ key, reader })),
    )
    const isGood = await source.readAccess(watching.map(({ reader }) => reader.pass))
    const admitted = new Set<Reader>()
    for (const { key, reader } of watching) {
      if (isGood(reader.pass)) admitted.add(reader)
      else if (unwatch(key, reader)) reader.end()
    }
    return admitted
  }

  async function catchUp(
    { key, present }: PresentState<Key, News>,
    admitted: ReadonlySet<Reader>,
  ): Promise<void> {
    const room = rooms.get(key)
    if (room === undefined) return
    const startOf = (reader: Reader) =>
      room.has(reader) ? findStart(room.get(reader), reader.since, present) : undefined
    // Those who come while this reads have a read of their own to come.
    const behind = [...room.keys()].filter(
      (reader) => admitted.has(reader) && startOf(reader) !== undefined,
    )
    const since = behind.reduce((least, one) => Math.min(least, startOf(one) ?? least), present.seq)
    const missed =
      since < present.seq ? await source.listMissed(key, { present, since, limit: maxMissed }) : []
    let isWaiting = false
    for (const reader of behind) {
      // Found again, because events may have been told meanwhile.
      const start = startOf(reader)
      if (start === undefined) continue
      if (!tellMissed(room, reader, { missed, start, present })) isWaiting = true
    }
    if (isWaiting) closed.plan(key)
    else closed.forget(key)
  }

  /** Tells what one reader missed, and the present state. @returns false where it stays before what can't be opened */
  function tellMissed(
    room: Room,
    reader: Reader,
    { missed, start, present }: Missed<News>,
  ): boolean {
    const { epoch } = present
    const news: News[] = []
    for (const change of missed) {
      if (change.seq <= start) continue
      if (isUnopened(change)) {
        room.set(reader, { epoch, seq: news.at(-1)?.seq ?? start })
        for (const one of news) reader.tell(one)
        return false
      }
      news.push(change)
    }
    room.set(reader, { epoch, seq: present.seq })
    for (const one of news) reader.tell(one)
    reader.tell(present)
    return true
  }

  function unwatch(key: Key, reader: Reader): boolean {
    const room = rooms.get(key)
    const wasThere = room?.delete(reader) === true
    if (room?.size === 0) {
      rooms.delete(key)
      closed.forget(key)
    }
    return wasThere
  }

  const timer = setInterval(() => {
    for (const key of failed) if (rooms.has(key)) read(key)
    failed.clear()
    for (const key of closed.takeDue()) read(key)
  }, input.tickMs ?? defaultTickMs)

  return {
    watch: (key, reader) => {
      const room: Room = rooms.get(key) ?? new Map<Reader, Position | undefined>()
      rooms.set(key, room.set(reader, undefined))
      read(key)
    },
    unwatch: (key, reader) => void unwatch(key, reader),
    onNotification: (payload) => {
      const notification = source.parseEvent(payload)
      if (notification !== undefined) takeEvent(notification.key, notification.event)
    },
    resync: () => {
      for (const key of rooms.keys()) read(key)
    },
    close: () => {
      clearInterval(timer)
      rooms.clear()
      clear()
    },
  }
}
