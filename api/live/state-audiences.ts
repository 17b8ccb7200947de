import type { ReaderLanguage } from '../http/reader-language.js'
import type { Peer } from './socket-channel.js'
import type { FollowedState } from './state-source.js'
import type { StateView } from './state-view.js'

/** What all sockets of an audience share, so that each text is made once for all of them. */
export interface AudienceKey<Progress extends FollowedState, Row extends Progress> {
  readonly id: string
  readonly view: StateView<Progress, Row>
  readonly language: ReaderLanguage
}

export interface Audience<Progress extends FollowedState, Row extends Progress> extends AudienceKey<
  Progress,
  Row
> {
  readonly topic: string
  readonly peers: Set<Peer>
}

export interface Audiences<Progress extends FollowedState, Row extends Progress> {
  list(id: string): readonly Audience<Progress, Row>[]
  join(key: AudienceKey<Progress, Row>, peer: Peer): Audience<Progress, Row>
  leave(audience: Audience<Progress, Row>, peer: Peer): void
  /** Dissolves an audience. @returns who was in it */
  remove(audience: Audience<Progress, Row>): readonly Peer[]
}

/** @param onDeserted told of an id that nobody follows any more */
export function createAudiences<Progress extends FollowedState, Row extends Progress>(
  onDeserted: (id: string) => void,
): Audiences<Progress, Row> {
  /** By id, then by topic. */
  const rooms = new Map<string, Map<string, Audience<Progress, Row>>>()

  function remove({ id, topic, peers }: Audience<Progress, Row>): readonly Peer[] {
    const members = [...peers]
    peers.clear()
    const room = rooms.get(id)
    room?.delete(topic)
    if (room?.size === 0) {
      rooms.delete(id)
      onDeserted(id)
    }
    return members
  }

  return {
    list: (id) => [...(rooms.get(id)?.values() ?? [])],
    join: (key, peer) => {
      const topic = `${key.view.label}/${key.id}/${key.language}`
      const room = rooms.get(key.id) ?? new Map<string, Audience<Progress, Row>>()
      const audience = room.get(topic) ?? { ...key, topic, peers: new Set<Peer>() }
      rooms.set(key.id, room.set(topic, audience))
      audience.peers.add(peer)
      peer.subscribe(topic)
      return audience
    },
    leave: (audience, peer) => {
      if (audience.peers.delete(peer) && audience.peers.size === 0) remove(audience)
    },
    remove,
  }
}
