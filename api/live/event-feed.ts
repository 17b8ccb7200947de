import type { Logger } from 'pino'
import { createEventFollower, type EventReader } from './event-follower.js'
import type { EventFeedSource } from './event-source.js'
import type { Admission, EventView } from './event-view.js'
import { type Position, readPosition } from './position.js'
import { closeCodes, type Peer, type Session, type SocketChannel } from './socket-channel.js'

export interface EventFeedInput<Key, Event extends Position, News extends Position, Pass> {
  readonly source: EventFeedSource<Key, Event, News, Pass>
  readonly view: EventView<Key, News, Pass>
  readonly log: Logger
  readonly tickMs?: number | undefined
}

/** The event feed: each socket follows one list and is told each change of it, from where it left off. */
export function createEventFeed<Key, Event extends Position, News extends Position, Pass>(
  input: EventFeedInput<Key, Event, News, Pass>,
): SocketChannel {
  const { source, view, log } = input
  const follower = createEventFollower(input)
  const toText = createTexts((news: News) => view.render(news))

  function createReader(
    { key, pass }: Admission<Key, Pass>,
    since: Position | undefined,
    peer: Peer,
  ): EventReader<News, Pass> {
    const reader: EventReader<News, Pass> = {
      pass,
      since,
      tell: (news) => {
        if (peer.send(toText(news))) return
        // What it misses would never be told again: it comes back and says how far it had come.
        follower.unwatch(key, reader)
        peer.close(closeCodes.tooFarBehind, 'too far behind')
      },
      end: () => peer.close(closeCodes.refused, 'signed out'),
    }
    return reader
  }

  function connect(
    judge: () => Promise<Admission<Key, Pass> | undefined>,
    since: Position | undefined,
    peer: Peer,
  ): Session {
    let isHere = true
    let leave: (() => void) | undefined
    const enter = async () => {
      const admission = await judge()
      if (admission === undefined) {
        peer.close(closeCodes.refused, 'not signed in')
        return
      }
      // It may have left while it was judged.
      if (!isHere) return
      const reader = createReader(admission, since, peer)
      leave = () => follower.unwatch(admission.key, reader)
      follower.watch(admission.key, reader)
    }
    enter().catch((error: unknown) => {
      log.error({ err: error }, 'A socket could not be let in.')
      peer.close(closeCodes.unreadable, '')
    })
    return {
      // Clients have nothing to say here: it is not answered, only counted against a flood.
      receive: () => undefined,
      leave: () => {
        isHere = false
        leave?.()
      },
    }
  }

  return {
    notifyChannel: source.notifyChannel,
    findRoute: (request) => {
      if (!view.path.test(request.path)) return undefined
      const since = readPosition(new URLSearchParams(request.query))
      const judge = view.admit(request)
      const { label, maxOpeningsPerMinute } = view
      return { label, maxOpeningsPerMinute, connect: (peer) => connect(judge, since, peer) }
    },
    onNotification: (payload) => follower.onNotification(payload),
    resync: () => follower.resync(),
    close: () => follower.close(),
  }
}

/** All sockets of a list are told one piece of news after the other: its text is made once. */
function createTexts<News>(render: (news: News) => object): (news: News) => string {
  let last: { readonly news: News; readonly text: string } | undefined
  return (news) => {
    if (last?.news !== news) last = { news, text: JSON.stringify(render(news)) }
    return last.text
  }
}
