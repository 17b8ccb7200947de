import type { Tokens } from '../../../services/accounts/tokens.js'
import { sessionCookie } from '../../access/credentials.js'
import { createEventFeed } from '../../live/event-feed.js'
import type { EventView } from '../../live/event-view.js'
import type { SocketChannel } from '../../live/socket-channel.js'
import type { UpgradeRequest } from '../../live/sockets/socket-server.js'
import {
  createMailSource,
  type MailNews,
  type MailPass,
  type MailSourceInput,
} from './mail-source.js'

export interface MailSocketInput extends MailSourceInput {
  readonly tokens: Pick<Tokens, 'read'>
  readonly maxOpeningsPerMinute: number
}

/** `/ws/?token=JWT`: what an account's mail does, to each of its sockets (contract 2). */
export const createMailFeed = (input: MailSocketInput): SocketChannel =>
  createEventFeed({ source: createMailSource(input), view: createMailView(input), log: input.log })

function createMailView({
  tokens,
  maxOpeningsPerMinute,
}: Pick<MailSocketInput, 'tokens' | 'maxOpeningsPerMinute'>): EventView<
  number,
  MailNews,
  MailPass
> {
  return {
    label: '/ws/',
    path: /^\/ws\/?$/,
    maxOpeningsPerMinute,
    admit: (request) => {
      const token = new URLSearchParams(request.query).get('token') ?? readCookie(request)
      return async () => {
        // Only the token is judged here; its account is judged each time that its mail is read.
        const claims = await tokens.read(token)
        if (claims === undefined) return undefined
        const { accountId, generation } = claims
        return { key: accountId, pass: { accountId, generation } }
      }
    },
    render: renderNews,
  }
}

const cookiePattern = new RegExp(`(?:^|[;,]\\s*)${sessionCookie}=([^;,\\s]*)`)

/** A cookie comes only from our own pages: the gateway has judged the Origin, which browsers always send. */
const readCookie = (request: UpgradeRequest): string =>
  cookiePattern.exec(request.header('cookie') ?? '')?.[1] ?? ''

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
