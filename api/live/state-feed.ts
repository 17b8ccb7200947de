import type { Logger } from 'pino'
import { z } from 'zod'
import { UnknownKeyError } from '../../db/key-ring.js'
import { readerLanguage, type Sentence } from '../http/reader-language.js'
import {
  closeCodes,
  type Peer,
  type Publish,
  type Session,
  type SocketChannel,
} from './socket-channel.js'
import { type Audience, type AudienceKey, createAudiences } from './state-audiences.js'
import { createStateFollower, type StateFeedTiming } from './state-follower.js'
import type { FollowedState, StateFeedSource } from './state-source.js'
import type { StateView } from './state-view.js'

export interface StateFeedInput<Progress extends FollowedState, Row extends Progress> {
  readonly source: StateFeedSource<Progress, Row>
  readonly views: readonly StateView<Progress, Row>[]
  readonly log: Logger
  readonly publish: Publish
  readonly timing?: Partial<StateFeedTiming> | undefined
}

const commandSchema = z.object({ type: z.string() })
const ignoringSession: Session = { receive: () => undefined, leave: () => undefined }

/**
 * The state feed: each socket follows one thing by its id, from its present state to its end. All views share
 * what is read; each shows it in its own way.
 */
export function createStateFeed<Progress extends FollowedState, Row extends Progress>(
  input: StateFeedInput<Progress, Row>,
): SocketChannel {
  type FeedAudience = Audience<Progress, Row>
  const { source, views, log, publish } = input
  const audiences = createAudiences<Progress, Row>((id) => follower.unwatch(id))

  const follower = createStateFollower<Progress, Row>({
    source,
    log,
    timing: input.timing,
    handlers: {
      onProgress: (progress) => {
        for (const audience of audiences.list(progress.id)) tellProgress(audience, progress)
      },
      // Each is told, whether or not another has to wait.
      onEnd: (row) =>
        audiences
          .list(row.id)
          .map((audience) => tellEnd(audience, row))
          .every((isTold) => isTold),
      onUnknown: (id) => {
        for (const audience of audiences.list(id)) tellUnknown(audience)
      },
    },
  })

  function tellProgress(audience: FeedAudience, progress: Progress): void {
    const { view, language, topic } = audience
    if (view.accepts(progress))
      publish(topic, JSON.stringify(view.renderProgress(progress, language)))
    else tellUnknown(audience)
  }

  /** @returns false where this process lacks the key of the result: the audience waits, another time it may be told */
  function tellEnd(audience: FeedAudience, row: Row): boolean {
    const { view, language } = audience
    if (view.accepts(row))
      return tellLast(audience, () => view.renderRow(row, language), closeCodes.done)
    tellUnknown(audience)
    return true
  }

  function tellUnknown(audience: FeedAudience): void {
    const { id, view, language } = audience
    tellLast(audience, () => view.renderUnknown(id, language), closeCodes.unknown)
  }

  /** No later frame would show that the last one was lost: it goes to each socket by itself. */
  function tellLast(audience: FeedAudience, render: () => object, code: number): boolean {
    const text = renderLast(render)
    if (text === 'keyless') return false
    for (const peer of audiences.remove(audience)) {
      if (text === undefined) peer.close(closeCodes.unreadable, '')
      else peer.close(peer.send(text.json) ? code : closeCodes.tooFarBehind, '')
    }
    return true
  }

  /** @returns undefined where it can never be made, such as of a damaged result: its sockets wait for nothing more */
  function renderLast(render: () => object): { readonly json: string } | 'keyless' | undefined {
    try {
      return { json: JSON.stringify(render()) }
    } catch (error) {
      if (error instanceof UnknownKeyError) return 'keyless'
      log.error({ err: error }, 'The end of a state could not be told.')
      return undefined
    }
  }

  function connect(key: AudienceKey<Progress, Row>, peer: Peer): Session {
    const { id, view, language } = key
    const latest = follower.findLatest(id)
    if (!source.isId(id) || (latest !== undefined && !view.accepts(latest))) {
      peer.send(JSON.stringify(view.renderUnknown(id, language)))
      peer.close(closeCodes.unknown, '')
      return ignoringSession
    }
    const audience = audiences.join(key, peer)
    if (latest !== undefined) peer.send(JSON.stringify(view.renderProgress(latest, language)))
    follower.watch(id)
    return {
      receive: (text) => void receive(audience, peer, text),
      leave: () => audiences.leave(audience, peer),
    }
  }

  async function receive(audience: FeedAudience, peer: Peer, text: string | undefined) {
    // What a client says after its last frame is ignored.
    if (!audience.peers.has(peer)) return
    const { id, view } = audience
    const type = readCommandType(text)
    const command =
      type !== undefined && Object.hasOwn(view.commands, type) ? view.commands[type] : undefined
    if (command === undefined) {
      sendNotice(audience, peer, view.notUnderstood)
      return
    }
    try {
      if (await isAccepted(audience)) await command.run(id)
    } catch (error) {
      log.warn({ err: error, command: type }, 'What a socket asked for could not be done.')
      sendNotice(audience, peer, command.failed)
    }
  }

  /** A client may speak before the first state is known: what its view doesn't accept must not hear of it. */
  async function isAccepted({ id, view }: FeedAudience): Promise<boolean> {
    const state = follower.findLatest(id) ?? (await source.readRows([id]))[0]
    return state !== undefined && view.accepts(state)
  }

  /** Says something beside the state, in a frame that reads as usual for pages that don't know notices. */
  function sendNotice({ id, view, language }: FeedAudience, peer: Peer, notice: Sentence): void {
    const latest = follower.findLatest(id)
    if (latest === undefined) return
    const state = view.renderProgress(latest, language)
    peer.send(JSON.stringify({ ...state, notice: notice[language] }))
  }

  return {
    notifyChannel: source.notifyChannel,
    findRoute: (request) => {
      for (const view of views) {
        const id = view.path.exec(request.path)?.[1]?.toLowerCase()
        if (id === undefined) continue
        const language = readerLanguage(request.header('accept-language') ?? '')
        return { label: view.label, connect: (peer) => connect({ id, view, language }, peer) }
      }
      return undefined
    },
    onNotification: (payload) => follower.onNotification(payload),
    resync: () => follower.resync(),
    close: () => follower.close(),
  }
}

function readCommandType(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : commandSchema.parse(JSON.parse(text)).type
  } catch {
    return undefined
  }
}
