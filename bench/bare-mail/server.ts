import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import pg from 'pg'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { accountEventsChannel } from '../../db/account-events.js'
import { sendMessageText } from './send-message.js'

/**
 * The peer, a process of its own: `node server.js DATABASE_URL`. Counter, row and NOTIFY in one
 * statement behind `node:http`, and its events on `ws`. It does nothing else that the
 * product does: nobody signs in, nothing is sealed, limited, logged or looked up, and it keeps no order.
 */
const poolSize = 10
const newMessage = z.object({ recipient_id: z.int(), title: z.string(), body: z.string() })
const event = z.object({
  account: z.number(),
  epoch: z.number(),
  seq: z.number(),
  unread: z.number(),
  message: z.looseObject({ id: z.number(), title: z.string() }),
})
const written = z.object({ id: z.number(), created_at: z.date() })

const rooms = new Map<number, Set<WebSocket>>()
const pool = new pg.Pool({ connectionString: process.argv[2], max: poolSize })

const http = createServer((request, response) => {
  take(request, response).catch((error: unknown) => {
    console.error(error)
    response.writeHead(500).end()
  })
})

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { recipient_id, title, body } = newMessage.parse(await json(request))
  const sender_id = Number(request.headers['x-sender'])
  const { rows } = await pool.query<Record<string, unknown>>({
    name: 'send',
    text: sendMessageText,
    values: [sender_id, recipient_id, Buffer.from(title), Buffer.from(body)],
  })
  const { id, created_at } = written.parse(rows[0])
  const message = { id, sender_id, recipient_id, title, body, timestamp: created_at.toISOString() }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message))
}

const server = new WebSocketServer({ server: http, perMessageDeflate: false })
server.on('connection', (socket, request) => {
  const account = Number(new URL(request.url ?? '/', 'ws://peer').searchParams.get('account'))
  const room = rooms.get(account) ?? new Set()
  rooms.set(account, room.add(socket))
  socket.on('close', () => room.delete(socket))
  socket.on('error', () => socket.terminate())
})

const listener = new pg.Client({ connectionString: process.argv[2] })
listener.on('notification', ({ payload = '' }) => {
  const { account, epoch, seq, unread, message } = event.parse(JSON.parse(payload))
  const title = Buffer.from(message.title, 'base64').toString()
  const told = { ...message, title, unread_count: unread }
  const frame = Buffer.from(
    JSON.stringify({ event: 'new_message', unread_count: unread, message: told, seq, epoch }),
  )
  for (const socket of rooms.get(account) ?? []) socket.send(frame, { binary: false })
})
await listener.connect()
await listener.query(`listen ${listener.escapeIdentifier(accountEventsChannel)}`)
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }))
process.on('SIGTERM', () => process.exit(0))
