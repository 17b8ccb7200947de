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
import { interleave } from './support/interleave.js'
import type { Form } from './support/product.js'
import { type BenchReport, type Ratio, round } from './support/report.js'
import { median, percentile } from './support/statistics.js'
import type { Later } from './support/with-cleanup.js'

const full = { messages: 1_000, users: 500 } as const
const blocks = 4
/** A server runs for weeks: what is measured is compiled code, on both sides. */
const warmUpMessages = 2_000
const aims = { p50: 1.5, p95: 2 } as const

interface Percentiles {
  readonly p50: number
  readonly p95: number
}

interface Measured {
  readonly form: Form
  readonly product: Percentiles
  readonly bare: Percentiles | undefined
  readonly peers: MailSides['peers']
}

/** POST /messages/ to the event on the recipient's socket, one at a time, against a bare script. */
export async function runMailLatency(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: {
      messages: { type: 'string', default: String(full.messages) },
      users: { type: 'string', default: String(full.users) },
      form: { type: 'string', default: 'both' },
      profile: { type: 'string' },
    },
  })
  const perBlock = Math.max(1, Math.floor(Number(values.messages) / blocks))
  const users = Number(values.users)
  const measured: Measured[] = []
  for (const form of await readForms(values.form))
    measured.push(
      await withMailSides(form, { users, profileFolder: values.profile }, (sides, later) =>
        measure(sides, perBlock, later),
      ),
    )
  return {
    bench: 'mail-latency',
    table: [['form', 'side', 'p50 ms', 'p95 ms'], ...measured.flatMap(describe)],
    notes: [
      `${perBlock * blocks} messages each, one at a time, in ${blocks} blocks in turn (A B A B) after ${warmUpMessages} that don’t count; ${users} users online with a socket each; medians over the blocks. From before the POST until the recipient’s socket has the event.`,
      ...mailNotes,
    ],
    ratios: measured.flatMap(compare),
    figures: Object.fromEntries(measured.flatMap(listFigures)),
    peers: Object.assign({}, ...measured.map(({ peers }) => peers)) as Record<string, string>,
    fullSize:
      perBlock * blocks >= full.messages && users >= full.users && values.profile === undefined,
  }
}

async function measure(
  { form, product, bare, peers }: MailSides,
  perBlock: number,
  later: Later,
): Promise<Measured> {
  const measureProduct = await prepare(product, later)
  const measureBare = bare === undefined ? undefined : await prepare(bare, later)
  const sides = await interleave(
    blocks,
    () => measureProduct(perBlock),
    async () => await measureBare?.(perBlock),
  )
  const bareBlocks = sides.second.filter((block) => block !== undefined)
  return {
    form,
    product: overBlocks(sides.first),
    bare: bareBlocks.length === 0 ? undefined : overBlocks(bareBlocks),
    peers,
  }
}

/** Opens a socket for each user and warms up. @returns what measures one block */
async function prepare(
  side: MailSide,
  later: Later,
): Promise<(messages: number) => Promise<Percentiles>> {
  const sockets = await openMailSockets(side.socketUrl, side.users, 1, later)
  let turn = 0
  const run = async (messages: number): Promise<Percentiles> => {
    const durationsMs: number[] = []
    for (let done = 0; done < messages; done++)
      durationsMs.push(await sendOne(side, sockets, turn++))
    return { p50: percentile(durationsMs, 0.5), p95: percentile(durationsMs, 0.95) }
  }
  await run(warmUpMessages)
  return run
}

async function sendOne(
  side: MailSide,
  sockets: readonly MailSocket[],
  turn: number,
): Promise<number> {
  const sender = side.users[turn % side.users.length]
  const socket = sockets[(turn * 7 + 1) % sockets.length]
  if (sender === undefined || socket === undefined) throw new Error('Two users are the least.')
  if (socket.user.id === sender.id) return await sendOne(side, sockets, turn + 1)
  const event = socket.next()
  const startedAtMs = performance.now()
  const id = await sendMail(side, sender, socket.user)
  const told = await Promise.race([event, lost()])
  if (told?.id !== id) throw new Error('A message did not reach its recipient’s socket.')
  return told.atMs - startedAtMs
}

const lostAfterMs = 10_000
const lost = () =>
  new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), lostAfterMs).unref()
  })

const overBlocks = (measured: readonly Percentiles[]): Percentiles => ({
  p50: median(measured.map(({ p50 }) => p50)),
  p95: median(measured.map(({ p95 }) => p95)),
})

function describe({ form, product, bare }: Measured): string[][] {
  const row = (side: string, { p50, p95 }: Percentiles) => [
    form,
    side,
    p50.toFixed(2),
    p95.toFixed(2),
  ]
  return [row('product', product), ...(bare === undefined ? [] : [row('bare script', bare)])]
}

function compare({ form, product, bare }: Measured): Ratio[] {
  if (bare === undefined) return []
  return (['p50', 'p95'] as const).map((name) => ({
    name: `${form} ${name}`,
    value: round(product[name] / bare[name], 3),
    op: '<=',
    aim: aims[name],
  }))
}

const listFigures = ({ form, product, bare }: Measured): [string, number][] => [
  [`${form} product p50 ms`, round(product.p50, 2)],
  [`${form} product p95 ms`, round(product.p95, 2)],
  ...(bare === undefined
    ? []
    : ([
        [`${form} bare p50 ms`, round(bare.p50, 2)],
        [`${form} bare p95 ms`, round(bare.p95, 2)],
      ] as [string, number][])),
]
