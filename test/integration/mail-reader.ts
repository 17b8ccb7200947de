import { WebSocket } from 'ws'
import { z } from 'zod'
import { waitUntil } from '../support/wait-until.js'

const position = { unread_count: z.int().min(0), seq: z.int(), epoch: z.int() }
const frameSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('new_message'),
    ...position,
    message: z.object({
      id: z.int(),
      sender_id: z.int(),
      sender_username: z.string(),
      title: z.string(),
      timestamp: z.iso.datetime(),
      unread_count: z.int().min(0),
    }),
  }),
  z.object({ event: z.literal('unread_count_updated'), ...position }),
])
export type MailFrame = z.infer<typeof frameSchema>

/** One socket of somebody who reads mail, with every frame that it got, in contract 2's shape. */
export interface MailReader {
  /** @throws where one has another shape */
  frames(): MailFrame[]
  /** Titles in the order in which they came. */
  titles(): string[]
  /** The last count that it was told. */
  unread(): number | undefined
  /** Waits until the last message it was told of has this title. */
  receives(title: string, timeoutMs?: number): Promise<void>
  /** Waits until the last count it was told is this. All that was missed is told with the present count. */
  counts(unread: number, timeoutMs?: number): Promise<void>
  /** The close code; 1006 where the connection broke. */
  readonly closed: Promise<number>
  drop(): void
}

/** @param since another socket of the same account, whose last position this one goes on from */
export function readMail(gatewayUrl: string, token: string, since?: MailReader): MailReader {
  const url = new URL('/ws/', gatewayUrl.replace('http', 'ws'))
  url.searchParams.set('token', token)
  const last = since?.frames().at(-1)
  if (last !== undefined) {
    url.searchParams.set('since', String(last.seq))
    url.searchParams.set('epoch', String(last.epoch))
  }
  const socket = new WebSocket(url)
  const texts: string[] = []
  socket.on('message', (data: Buffer) => texts.push(data.toString()))
  socket.on('error', () => undefined)
  const closed = new Promise<number>((resolve) => {
    socket.once('close', (code) => resolve(code))
  })
  const frames = () => texts.map((text) => frameSchema.parse(JSON.parse(text)))
  const unread = () => frames().at(-1)?.unread_count
  const titles = () =>
    frames().flatMap((frame) => (frame.event === 'new_message' ? [frame.message.title] : []))
  return {
    frames,
    titles,
    unread,
    receives: async (title, timeoutMs) => {
      await waitUntil(`a socket is told of ${title}`, () => titles().at(-1) === title, timeoutMs)
    },
    counts: async (wanted, timeoutMs) => {
      await waitUntil(`a socket counts ${wanted} unread`, () => unread() === wanted, timeoutMs)
    },
    closed,
    drop: () => socket.terminate(),
  }
}
