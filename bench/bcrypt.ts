import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type MailSide, type MailSides, sendMail, withMailSides } from './mail/mail-sides.js'
import { benchPassword, registerAccount } from './mail/mail-users.js'
import { postJson } from './mail/post.js'
import { readForms } from './support/forms.js'
import { interleave } from './support/interleave.js'
import { installedVersion } from './support/package-version.js'
import type { Form } from './support/product.js'
import { type BenchReport, round } from './support/report.js'
import { median, percentile } from './support/statistics.js'

const full = { seconds: 40, logins: 5 } as const
const blocks = 4
const users = 100
const aim = 1.5

interface Posting {
  readonly p50: number
  readonly p95: number
  /** How long a login took; empty where none were asked for. */
  readonly loginsMs: readonly number[]
}

interface Measured {
  readonly form: Form
  readonly alone: Posting
  readonly beside: Posting
  readonly loginsPerSecond: number
  readonly peers: MailSides['peers']
}

/** Posting mail while others sign in, against posting alone. */
export async function runBcrypt(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: String(full.seconds) },
      logins: { type: 'string', default: String(full.logins) },
      form: { type: 'string', default: 'both' },
      profile: { type: 'string' },
    },
  })
  const [seconds, perSecond] = [Number(values.seconds), Number(values.logins)]
  const measured: Measured[] = []
  for (const form of await readForms(values.form))
    measured.push(
      await withMailSides(form, { users, profileFolder: values.profile }, (sides) =>
        measure(sides, seconds / blocks, perSecond),
      ),
    )
  return report(measured, { seconds, perSecond }, values.profile !== undefined)
}

async function measure(
  { form, product, peers }: MailSides,
  blockSeconds: number,
  perSecond: number,
): Promise<Measured> {
  const names = Array.from({ length: perSecond }, (_, index) => `Sign-in ${index}`)
  for (const name of names) await registerAccount(product, name)
  await post(product, blockSeconds / 4)
  const sides = await interleave(
    blocks,
    () => post(product, blockSeconds),
    () => postBesideLogins(product, blockSeconds, names),
  )
  const beside = overBlocks(sides.second)
  return {
    form,
    alone: overBlocks(sides.first),
    beside,
    loginsPerSecond: beside.loginsMs.length / (blocks * blockSeconds),
    peers,
  }
}

/** One message after the other, for so long. */
async function post(side: MailSide, seconds: number): Promise<Posting> {
  const endsAtMs = performance.now() + seconds * 1000
  const durationsMs: number[] = []
  for (let turn = 0; performance.now() < endsAtMs; turn++) {
    const sender = side.users[turn % side.users.length]
    const recipient = side.users[(turn + 1) % side.users.length]
    if (sender === undefined || recipient === undefined) throw new Error('There are no users.')
    const startedAtMs = performance.now()
    await sendMail(side, sender, recipient)
    durationsMs.push(performance.now() - startedAtMs)
  }
  return { p50: percentile(durationsMs, 0.5), p95: percentile(durationsMs, 0.95), loginsMs: [] }
}

/** Each of the names signs in once a second, one after the other in equal steps. */
async function postBesideLogins(
  side: MailSide,
  seconds: number,
  names: readonly string[],
): Promise<Posting> {
  const logins: Promise<number>[] = []
  const timer = setInterval(() => {
    const name = names[logins.length % names.length] ?? ''
    const login = signIn(side, name)
    // Awaited below: until then a refusal must not count as unhandled.
    login.catch(() => undefined)
    logins.push(login)
  }, 1000 / names.length)
  try {
    const posting = await post(side, seconds)
    clearInterval(timer)
    return { ...posting, loginsMs: await Promise.all(logins) }
  } finally {
    clearInterval(timer)
  }
}

const signedIn = z.object({ access_token: z.string() })

async function signIn({ url }: MailSide, username: string): Promise<number> {
  const startedAtMs = performance.now()
  signedIn.parse(await postJson(`${url}/token`, { username, password: benchPassword }))
  return performance.now() - startedAtMs
}

const overBlocks = (measured: readonly Posting[]): Posting => ({
  p50: median(measured.map(({ p50 }) => p50)),
  p95: median(measured.map(({ p95 }) => p95)),
  loginsMs: measured.flatMap(({ loginsMs }) => loginsMs),
})

function report(
  measured: readonly Measured[],
  { seconds, perSecond }: { seconds: number; perSecond: number },
  profiled: boolean,
): BenchReport {
  const row = (form: Form, what: string, { p50, p95 }: Posting, login: string) => [
    form,
    what,
    p50.toFixed(2),
    p95.toFixed(2),
    login,
  ]
  return {
    bench: 'bcrypt',
    table: [
      ['form', 'posting', 'p50 ms', 'p95 ms', 'login p50 ms'],
      ...measured.flatMap(({ form, alone, beside }) => [
        row(form, 'alone', alone, ''),
        row(form, 'beside logins', beside, percentile(beside.loginsMs, 0.5).toFixed(0)),
      ]),
    ],
    notes: [
      `POST /messages/ to its answer, one after the other, ${seconds} s alone and ${seconds} s beside ${perSecond} logins a second (POST /token of ${perSecond} accounts in turn, at the product’s default cost, all of them answered 200), in ${blocks} blocks in turn (A B A B); medians over the blocks. The one-machine form stands beside without an aim.`,
    ],
    ratios: measured
      .filter(({ form }) => form === 'cluster')
      .map(({ form, alone, beside }) => ({
        name: `${form} p95 beside logins to alone`,
        value: round(beside.p95 / alone.p95, 3),
        op: '<=',
        aim,
      })),
    figures: Object.fromEntries(measured.flatMap(listFigures)),
    peers: Object.assign(
      { bcrypt: installedVersion('bcrypt') },
      ...measured.map(({ peers }) => peers),
    ) as Record<string, string>,
    fullSize: seconds >= full.seconds && perSecond >= full.logins && !profiled,
  }
}

const listFigures = ({ form, alone, beside, loginsPerSecond }: Measured): [string, number][] => [
  [`${form} alone p50 ms`, round(alone.p50, 2)],
  [`${form} alone p95 ms`, round(alone.p95, 2)],
  [`${form} beside logins p50 ms`, round(beside.p50, 2)],
  [`${form} beside logins p95 ms`, round(beside.p95, 2)],
  [`${form} logins per second`, round(loginsPerSecond, 2)],
  [`${form} p95 to alone`, round(beside.p95 / alone.p95, 3)],
]
