import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type MailSocket, openMailSockets } from './mail/mail-sockets.js'
import {
  mailNotes,
  type MailSide,
  type MailSides,
  sendMail,
  withMailSides,
} from './mail/mail-sides.js'
import { readForms } from './support/forms.js'
import { readUsageOfAll } from './support/process-usage.js'
import type { Form } from './support/product.js'
import { type BenchReport, type Ratio, round } from './support/report.js'
import { median } from './support/statistics.js'
import type { Later } from './support/with-cleanup.js'

const full = { seconds: 30, users: 1_000 } as const
const socketsPerUser = 2
const blocks = 3
const warmUpSeconds = 3
const bytesPerMiB = 1024 * 1024
const aims = { rate: 0.6, growthMiB: 60 } as const
/** How long events may still be on their way after the last POST. */
const settleMs = 30_000

interface Size {
  readonly seconds: number
  readonly users: number
  readonly atOnce: number
}

interface Load {
  readonly perSecond: number
  /** Events that a socket was owed and did not get. */
  readonly lost: number
  /** Sockets whose last count is not what their user was sent. */
  readonly inexact: number
  readonly growthMiB: number
  readonly messages: number
}

interface Measured {
  readonly form: Form
  readonly product: Load
  readonly bare: Load | undefined
  readonly peers: MailSides['peers']
}

/** As many messages as it takes, with two sockets for each user, against a bare script. */
export async function runMailLoad(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: String(full.seconds) },
      users: { type: 'string', default: String(full.users) },
      'at-once': { type: 'string', default: '32' },
      form: { type: 'string', default: 'both' },
      profile: { type: 'string' },
    },
  })
  const size = {
    seconds: Number(values.seconds),
    users: Number(values.users),
    atOnce: Number(values['at-once']),
  }
  const measured: Measured[] = []
  for (const form of await readForms(values.form))
    measured.push(
      await withMailSides(form, { ...size, profileFolder: values.profile }, (sides, later) =>
        measure(sides, size, later),
      ),
    )
  return report(
    measured,
    size,
    size.seconds >= full.seconds && size.users >= full.users && values.profile === undefined,
  )
}

async function measure(
  { form, product, bare, peers }: MailSides,
  size: Size,
  later: Later,
): Promise<Measured> {
  const runs = []
  for (const side of [product, ...(bare === undefined ? [] : [bare])])
    runs.push(await prepare(side, size, later))
  for (let block = 0; block < blocks; block++)
    for (const run of runs) await run.load(size.seconds / blocks)
  const loads: Load[] = []
  for (const run of runs) loads.push(await run.settle())
  const [ours, theirs] = loads
  if (ours === undefined) throw new Error('Nothing was measured.')
  return { form, product: ours, bare: theirs, peers }
}

interface Run {
  /** Sends for so long, as much as it takes. */
  load(seconds: number): Promise<void>
  /** Waits for what is on its way, and counts. */
  settle(): Promise<Load>
}

async function prepare(side: MailSide, { atOnce }: Size, later: Later): Promise<Run> {
  const sockets = await openMailSockets(side.socketUrl, side.users, socketsPerUser, later)
  /** What each user was sent, warm-up included. */
  const accepted = new Map<number, number>()
  const rates: number[] = []
  let turn = 0

  async function sendFor(seconds: number): Promise<number> {
    const startedAtMs = performance.now()
    const endsAtMs = startedAtMs + seconds * 1000
    let messages = 0
    const sendInTurn = async () => {
      while (performance.now() < endsAtMs) {
        const sender = side.users[turn % side.users.length]
        const recipient = side.users[(turn + 1 + (turn % 17)) % side.users.length]
        turn++
        if (sender === undefined || recipient === undefined || sender === recipient)
          throw new Error('There are too few users.')
        await sendMail(side, sender, recipient)
        accepted.set(recipient.id, (accepted.get(recipient.id) ?? 0) + 1)
        messages++
      }
    }
    await Promise.all(Array.from({ length: atOnce }, sendInTurn))
    return messages / ((performance.now() - startedAtMs) / 1000)
  }

  await sendFor(warmUpSeconds)
  await waitForAll(sockets, accepted)
  const memoryBefore = readUsageOfAll(side.pids).residentBytes
  return {
    load: async (seconds) => {
      rates.push(await sendFor(seconds))
      // What one side still has to tell must not cost the other's block.
      await waitForAll(sockets, accepted)
    },
    settle: async () => {
      await waitForAll(sockets, accepted)
      return {
        perSecond: median(rates),
        lost: sockets.reduce((sum, socket) => sum + missing(socket, accepted), 0),
        inexact: sockets.filter(({ user, unread }) => unread !== (accepted.get(user.id) ?? 0))
          .length,
        growthMiB: (readUsageOfAll(side.pids).residentBytes - memoryBefore) / bytesPerMiB,
        messages: [...accepted.values()].reduce((sum, count) => sum + count, 0),
      }
    },
  }
}

const missing = ({ user, received }: MailSocket, accepted: ReadonlyMap<number, number>): number =>
  Math.max(0, (accepted.get(user.id) ?? 0) - received)

/** Until every socket has all, or long enough to call the rest lost. */
async function waitForAll(
  sockets: readonly MailSocket[],
  accepted: ReadonlyMap<number, number>,
): Promise<void> {
  const deadlineMs = performance.now() + settleMs
  while (sockets.some((socket) => missing(socket, accepted) > 0)) {
    if (performance.now() > deadlineMs) return
    await delay(20)
  }
}

function report(measured: readonly Measured[], size: Size, fullSize: boolean): BenchReport {
  const row = (form: Form, side: string, load: Load) => [
    form,
    side,
    load.perSecond.toFixed(0),
    String(load.messages),
    String(load.lost),
    String(load.inexact),
    load.growthMiB.toFixed(1),
  ]
  return {
    bench: 'mail-load',
    table: [
      ['form', 'side', 'messages/s', 'messages', 'events lost', 'counts not exact', 'growth MiB'],
      ...measured.flatMap(({ form, product, bare }) => [
        row(form, 'product', product),
        ...(bare === undefined ? [] : [row(form, 'bare script', bare)]),
      ]),
    ],
    notes: [
      `${size.users * socketsPerUser} sockets, recipients in turn over ${size.users} users, ${size.atOnce} POSTs at once, ${size.seconds} s for each side in ${blocks} blocks in turn (A B A B) after ${warmUpSeconds} s that don’t count; median rate of the blocks.`,
      'Lost: events that an open socket was owed and had not got 30 s after the last POST; a count is exact when the last that a socket was told is what its user was sent. Growth: resident memory of all the side’s processes, from after the warm-up with every socket open to the end.',
      ...mailNotes,
    ],
    ratios: measured.flatMap(compare),
    figures: Object.fromEntries(measured.flatMap(listFigures)),
    peers: Object.assign({}, ...measured.map(({ peers }) => peers)) as Record<string, string>,
    fullSize,
  }
}

function compare({ form, product, bare }: Measured): Ratio[] {
  if (bare === undefined) return []
  return [
    {
      name: `${form} messages/s`,
      value: round(product.perSecond / bare.perSecond, 3),
      op: '>=',
      aim: aims.rate,
    },
    { name: `${form} events lost`, value: product.lost, op: '<=', aim: 0 },
    { name: `${form} counts not exact`, value: product.inexact, op: '<=', aim: 0 },
    {
      name: `${form} growth MiB`,
      value: round(product.growthMiB, 1),
      op: '<=',
      aim: aims.growthMiB,
    },
  ]
}

function listFigures({ form, product, bare }: Measured): [string, number][] {
  const list = (side: string, load: Load): [string, number][] => [
    [`${form} ${side} messages/s`, round(load.perSecond, 1)],
    [`${form} ${side} events lost`, load.lost],
    [`${form} ${side} counts not exact`, load.inexact],
    [`${form} ${side} growth MiB`, round(load.growthMiB, 1)],
  ]
  return [...list('product', product), ...(bare === undefined ? [] : list('bare', bare))]
}
