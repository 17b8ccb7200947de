import { once } from 'node:events'
import { type RawData, WebSocket } from 'ws'
import { z } from 'zod'

/**
 * Many readers of one job, in a process of their own: what they cost must fall on neither side. Takes
 * an order by message, answers each with a count.
 */
const orders = z.discriminatedUnion('order', [
  /** Opens so many sockets; answers with how many are open. */
  z.object({ order: z.literal('open'), url: z.string(), sockets: z.number() }),
  /** Waits until every socket has read this state; answers with all messages ever read. */
  z.object({ order: z.literal('read'), status: z.string(), seq: z.number() }),
  /** Waits until every socket was closed by the server; answers with how many ended on this status with 1000. */
  z.object({ order: z.literal('closed'), status: z.string() }),
])
export type AudienceOrder = z.infer<typeof orders>

interface Reader {
  last: Buffer | undefined
  closeCode: number | undefined
}

const frame = z.object({ status: z.string(), seq: z.number() })
const atOnce = 100
const pollMs = 20
const readers: Reader[] = []
let delivered = 0

process.on('message', (message) => {
  void obey(orders.parse(message)).then((count) => process.send?.({ count }))
})
process.on('disconnect', () => process.exit(0))

async function obey(order: AudienceOrder): Promise<number> {
  switch (order.order) {
    case 'open':
      for (let opened = 0; opened < order.sockets; opened += atOnce)
        await Promise.all(
          Array.from({ length: Math.min(atOnce, order.sockets - opened) }, () => open(order.url)),
        )
      return readers.length
    case 'read':
      await until(() => readers.every(({ last }) => isAt(last, order.status, order.seq)))
      return delivered
    case 'closed':
      await until(() => readers.every(({ closeCode }) => closeCode !== undefined))
      return readers.filter(
        ({ last, closeCode }) => closeCode === 1000 && parse(last)?.status === order.status,
      ).length
  }
}

async function open(url: string): Promise<void> {
  const reader: Reader = { last: undefined, closeCode: undefined }
  const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true })
  socket.on('message', (data: RawData) => {
    delivered++
    reader.last = data as Buffer
  })
  socket.on('close', (code) => {
    reader.closeCode = code
  })
  await once(socket, 'open')
  readers.push(reader)
}

function isAt(last: Buffer | undefined, status: string, seq: number): boolean {
  const state = parse(last)
  return state !== undefined && state.status === status && state.seq >= seq
}

const parse = (last: Buffer | undefined) =>
  last === undefined ? undefined : frame.parse(JSON.parse(last.toString()))

/** The parent gives up, not we: what never comes true is its to tell. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, pollMs))
}
