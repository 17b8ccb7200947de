import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { renderJobProgress } from '../../api/routes/email-classification/job-state.js'
import { runProgressChannel } from '../../db/run-progress.js'
import { isFinalStatus, runStatuses } from '../../db/schema/runs.js'

/**
 * The peer, a process of its own: `node ws-peer.js DATABASE_URL`. The same frames on `ws`, written as
 * one would write it for speed: no compression, one stringify and one buffer for all sockets of a job.
 * It does nothing else that the gateway does: no rows, no limits, no pings, no languages.
 */
const notification = z.object({
  id: z.string(),
  kind: z.string(),
  status: z.enum(runStatuses),
  step: z.string(),
  progress: z.number(),
  done: z.number().nullable(),
  total: z.number().nullable(),
  epoch: z.number(),
  seq: z.number(),
})

const rooms = new Map<string, Set<WebSocket>>()
const http = createServer()
const server = new WebSocketServer({ server: http, perMessageDeflate: false })
server.on('connection', (socket, request) => {
  const jobId = request.url?.split('/').at(-1) ?? ''
  const room = rooms.get(jobId) ?? new Set()
  rooms.set(jobId, room.add(socket))
  socket.on('close', () => room.delete(socket))
  socket.on('error', () => socket.terminate())
})

const client = new pg.Client({ connectionString: process.argv[2] })
client.on('notification', ({ payload = '' }) => {
  const progress = notification.parse(JSON.parse(payload))
  const frame = Buffer.from(JSON.stringify(renderJobProgress(progress, 'pt')))
  for (const socket of rooms.get(progress.id) ?? []) {
    socket.send(frame, { binary: false })
    if (isFinalStatus(progress.status)) socket.close(1000)
  }
})
await client.connect()
await client.query(`listen ${client.escapeIdentifier(runProgressChannel)}`)
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }))
process.on('SIGTERM', () => process.exit(0))
