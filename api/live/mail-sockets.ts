import type { Logger } from 'pino'
import type { Tokens } from '../../services/accounts/tokens.js'
import { accountEventsChannel } from '../../db/account-events.js'
import type { Db } from '../../db/database.js'
import type { KeyRing } from '../../db/key-ring.js'
import {
  createMailUpdates,
  type MailNews,
  type MailPosition,
  type MailReader,
} from './mail-updates.js'
import { sessionCookie } from '../access/session-cookie.js'
import { closeCodes, type Peer, type Session, type SocketChannel } from './socket-channel.js'
import type { UpgradeRequest } from './sockets/socket-server.js'

export interface MailSocketsInput {
  readonly db: Db
  readonly keys: KeyRing
  readonly log: Logger
  readonly tokens: Pick<Tokens, 'read'>
  readonly openingsPerMinute: number
}

interface Visitor {
  readonly token: string
  readonly since: MailPosition | undefined
  readonly peer: Peer
}

const mailPath = /^\/ws\/?$/
const cookiePattern = new RegExp(`(?:^|[;,]\\s*)${sessionCookie}=([^;,\\s]*)`)
const wholeNumber = /^\d{1,15}$/

/** `/ws/?token=JWT`: what an account's mail does, to each of its sockets. */
export function createMailSockets(input: MailSocketsInput): SocketChannel {
  const { log, tokens } = input
  const updates = createMailUpdates(input)
  const toText = createTexts()

  /** The token alone is judged here; whether its account still stands is read together with its mail. */
  async function admit(visitor: Visitor, isHere: () => boolean): Promise<() => void> {
    const claims = await tokens.read(visitor.token)
    if (claims === undefined) {
      visitor.peer.close(closeCodes.refused, 'not signed in')
      return () => undefined
    }
    const { accountId, generation } = claims
    const leave = () => updates.unwatch(accountId, reader)
    const reader: MailReader = {
      generation,
      since: visitor.since,
      tell: (news) => {
        if (visitor.peer.send(toText(news))) return
        // What it misses would never be told again: it comes back with where it was.
        leave()
        visitor.peer.close(closeCodes.tooFarBehind, 'too far behind')
      },
      end: () => visitor.peer.close(closeCodes.refused, 'signed out'),
    }
    if (isHere()) updates.watch(accountId, reader)
    return leave
  }

  function connect(visitor: Visitor): Session {
    let isHere = true
    const admitted = admit(visitor, () => isHere)
    admitted.catch((error: unknown) => {
      log.error({ err: error }, 'A socket could not be let in.')
      visitor.peer.close(closeCodes.unreadable, '')
    })
    return {
      // Pages say nothing here; what others say is not answered, only counted against a flood.
      receive: () => undefined,
      leave: () => {
        isHere = false
        admitted.then(
          (leave) => leave(),
          () => undefined,
        )
      },
    }
  }

  return {
    label: '/ws/',
    notifyChannel: accountEventsChannel,
    openingsPerMinute: input.openingsPerMinute,
    accept: (request) => {
      if (!mailPath.test(request.path)) return undefined
      const query = new URLSearchParams(request.query)
      const token = query.get('token') ?? readCookie(request)
      const since = readPosition(query)
      return (peer) => connect({ token, since, peer })
    },
    onNotification: (payload) => updates.onNotification(payload),
    resync: () => updates.resync(),
    close: () => updates.close(),
  }
}

/** Only our own pages get here with a cookie: the gateway has judged the Origin, which browsers always send. */
const readCookie = (request: UpgradeRequest): string =>
  cookiePattern.exec(request.header('cookie') ?? '')?.[1] ?? ''

function readPosition(query: URLSearchParams): MailPosition | undefined {
  const [epoch, seq] = [query.get('epoch') ?? '', query.get('since') ?? '']
  if (!wholeNumber.test(epoch) || !wholeNumber.test(seq)) return undefined
  return { epoch: Number(epoch), seq: Number(seq) }
}

/** All sockets of an account are told one piece of news after the other: it is written out once. */
function createTexts(): (news: MailNews) => string {
  let last: { readonly news: MailNews; readonly text: string } | undefined
  return (news) => {
    if (last?.news !== news) last = { news, text: JSON.stringify(renderNews(news)) }
    return last.text
  }
}

/** The frames of contract 2. */
function renderNews({ message, unread, epoch, seq }: MailNews): object {
  return message === undefined
    ? { event: 'unread_count_updated', unread_count: unread, seq, epoch }
    : {
        event: 'new_message',
        unread_count: unread,
        message: { ...message, unread_count: unread },
        seq,
        epoch,
      }
}
