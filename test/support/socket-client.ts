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

/** A client that keeps every frame. */
export interface SocketClient {
  readonly socket: WebSocket
  /** The close code; 1006 where the connection broke. */
  readonly ended: Promise<number>
  /** All so far. @throws where one has another shape */
  frames(): Frame[]
  last(): Frame | undefined
  /** Waits for the first frame that matches. */
  receives(what: string, matches: (frame: Frame) => boolean): Promise<Frame>
  /** Waits until the server has answered a ping, and so has handled what was sent before. */
  roundTrip(): Promise<void>
}

export function openSocket(url: string, options: ClientOptions = {}): SocketClient {
  const socket = new WebSocket(url, options)
  const texts: string[] = []
  socket.on('message', (data: Buffer) => texts.push(data.toString()))
  socket.on('error', () => undefined)
  const ended = new Promise<number>((resolve) => {
    socket.once('close', (code) => resolve(code))
  })
  const parsed: Frame[] = []
  const frames = () => {
    for (const text of texts.splice(0)) parsed.push(frameSchema.parse(JSON.parse(text)))
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
