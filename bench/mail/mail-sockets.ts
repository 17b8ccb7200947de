import { once } from 'node:events'
import { type RawData, WebSocket } from 'ws'
import { z } from 'zod'
import type { Later } from '../support/with-cleanup.js'
import type { MailUser } from './mail-users.js'

/** A user's open page: what its socket was told. */
export interface MailSocket {
  readonly user: MailUser
  /** New messages so far. */
  readonly received: number
  /** The last count it was told of; 0 before any. */
  readonly unread: number
  /** Its close code, once closed. */
  readonly closed: number | undefined
  /** Resolves with the id of the next new message and the time it came, by performance.now(). */
  next(): Promise<{ id: number; atMs: number }>
}

const atOnce = 50
const frame = z.object({
  event: z.enum(['new_message', 'unread_count_updated']),
  unread_count: z.number(),
  message: z.object({ id: z.number() }).optional(),
})

/** Opens `each` sockets for every user, and closes them when the work is done. */
export async function openMailSockets(
  socketUrl: string,
  users: readonly MailUser[],
  each: number,
  later: Later,
): Promise<MailSocket[]> {
  const wanted = users.flatMap((user) => Array.from({ length: each }, () => user))
  const opened: MailSocket[] = []
  for (let from = 0; from < wanted.length; from += atOnce) {
    const some = wanted.slice(from, from + atOnce)
    opened.push(...(await Promise.all(some.map((user) => open(socketUrl, user, later)))))
  }
  return opened
}

async function open(socketUrl: string, user: MailUser, later: Later): Promise<MailSocket> {
  // The peer takes the account, the product the token.
  const url = `${socketUrl}/ws/?token=${user.token}&account=${user.id}`
  const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true })
  const state = { received: 0, unread: 0, closed: undefined as number | undefined }
  const waiting: ((message: { id: number; atMs: number }) => void)[] = []
  socket.on('message', (data: RawData) => {
    const atMs = performance.now()
    const { unread_count, message } = frame.parse(JSON.parse((data as Buffer).toString()))
    state.unread = unread_count
    if (message === undefined) return
    state.received++
    for (const tell of waiting.splice(0)) tell({ id: message.id, atMs })
  })
  socket.on('close', (code) => {
    state.closed = code
  })
  await once(socket, 'open')
  later(() => {
    socket.terminate()
    return Promise.resolve()
  })
  return {
    user,
    get received() {
      return state.received
    },
    get unread() {
      return state.unread
    },
    get closed() {
      return state.closed
    },
    next: () => new Promise((resolve) => waiting.push(resolve)),
  }
}
