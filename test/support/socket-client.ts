import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'
import { z } from 'zod'
import { waitUntil } from './wait-until.js'

/** Every frame, whatever it says, has the whole shape of contract 1 and the position of its state. */
const frameSchema = z.strictObject({
  job_id: z.string(),
  status: z.string(),
  progress: z.int().min(0).max(100),
  current_step: z.string(),
  message: z.string().min(1),
  result: z.looseObject({}).nullable(),
  error: z.string().nullable(),
  seq: z.int(),
  epoch: z.int(),
  notice: z.string().optional(),
})
export type Frame = z.infer<typeof frameSchema>

const mailPosition = { unread_count: z.int().min(0), seq: z.int(), epoch: z.int() }
/** The two frames of contract 2. */
const mailFrameSchema = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('new_message'),
    ...mailPosition,
    message: z.strictObject({
      id: z.int(),
      sender_id: z.int(),
      sender_username: z.string(),
      title: z.string(),
      timestamp: z.iso.datetime(),
      unread_count: z.int().min(0),
    }),
  }),
  z.strictObject({ event: z.literal('unread_count_updated'), ...mailPosition }),
])
export type MailFrame = z.infer<typeof mailFrameSchema>

/** A client that keeps every frame. */
export interface SocketClient<F = Frame> {
  readonly socket: WebSocket
  /** The close code; 1006 where the connection broke. */
  readonly ended: Promise<number>
  /** All so far. @throws where one has another shape */
  frames(): F[]
  last(): F | undefined
  /** Waits for the first frame that matches. */
  receives(what: string, matches: (frame: F) => boolean): Promise<F>
  /** Waits until the server has answered a ping, and so has handled what was sent before. */
  roundTrip(): Promise<void>
}

/** Follows a job. */
export const openSocket = (url: string, options?: ClientOptions): SocketClient =>
  follow(url, frameSchema, options)

/** Follows an account's mail. */
export const openMailSocket = (url: string, options?: ClientOptions): SocketClient<MailFrame> =>
  follow(url, mailFrameSchema, options)

/** Follows whatever there is: the frames are any objects. */
export const openAnySocket = (url: string): SocketClient<Record<string, unknown>> =>
  follow(url, z.record(z.string(), z.unknown()))

function follow<F>(
  url: string,
  schema: z.ZodType<F>,
  options: ClientOptions = {},
): SocketClient<F> {
  const socket = new WebSocket(url, options)
  const texts: string[] = []
  socket.on('message', (data: Buffer) => texts.push(data.toString()))
  socket.on('error', () => undefined)
  const ended = new Promise<number>((resolve) => {
    socket.once('close', (code) => resolve(code))
  })
  const parsed: F[] = []
  const frames = () => {
    for (const text of texts.splice(0)) parsed.push(schema.parse(JSON.parse(text)))
    return [...parsed]
  }
  return {
    socket,
    ended,
    frames,
    last: () => frames().at(-1),
    receives: (what, matches) => waitUntil(`a frame: ${what}`, () => frames().find(matches)),
    roundTrip: async () => {
      if (socket.readyState === WebSocket.CONNECTING) await once(socket, 'open')
      const answered = once(socket, 'pong')
      socket.ping()
      await answered
    },
  }
}

/** What a handshake that must fail is answered; 101 where it did not fail. */
export async function handshakeStatus(url: string, options: ClientOptions = {}): Promise<number> {
  const socket = new WebSocket(url, options)
  return await new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.once('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    socket.on('error', reject)
  })
}
