import { z } from 'zod'
import { createServerDatabase } from '../../test/support/database.js'
import { startBareMail } from '../bare-mail/start-bare-mail.js'
import { installedVersion } from '../support/package-version.js'
import { readPostgresVersion } from '../support/postgres.js'
import { type Form, type RunningProduct, startProduct } from '../support/product.js'
import { type Later, withCleanup } from '../support/with-cleanup.js'
import { createBareUsers, createMailUsers, type MailUser } from './mail-users.js'
import { postJson } from './post.js'

/** One side of a comparison: where messages and sockets go, whose they are, and the processes that it costs. */
export interface MailSide {
  readonly url: string
  readonly socketUrl: string
  readonly pids: readonly number[]
  readonly users: readonly MailUser[]
}

export interface MailSides {
  readonly form: Form
  readonly product: MailSide & { readonly running: RunningProduct }
  /** In the cluster form alone: it needs PostgreSQL. */
  readonly bare: MailSide | undefined
  readonly peers: Readonly<Record<string, string>>
}

/** What a table says of how both sides were compared. */
export const mailNotes = [
  'Peer: a bare script, one process: `node:http`, one statement for each message (counter, row and NOTIFY in one transaction) through a pool of 10 as the product’s, LISTEN, and `ws` without compression; nobody signs in, nothing is sealed, limited, logged or looked up. It has a database of its own on the same PostgreSQL.',
  'Product: `triagem api` and `gateway` as processes (cluster, PostgreSQL, sockets straight to the gateway), or `triagem start` (one-machine, PGlite, sockets through the tunnel), whose figures stand beside without an aim. The same client for all: `node:http` with connections kept open, and `ws`.',
]

const text = {
  title: 'Reunião de sexta-feira',
  body: 'Bom dia,\n\nPodemos falar na sexta-feira às 14h na sala 3? Levo os números do mês.\n\nObrigada,\nMarina\n',
}
const sent = z.object({ id: z.number() })

/** @returns the message's id */
export async function sendMail(
  { url }: Pick<MailSide, 'url'>,
  sender: MailUser,
  recipient: MailUser,
): Promise<number> {
  const headers = { authorization: `Bearer ${sender.token}`, 'x-sender': String(sender.id) }
  const answer = await postJson(
    `${url}/messages/`,
    { ...text, recipient_id: recipient.id },
    headers,
  )
  return sent.parse(answer).id
}

/** Starts both sides of a form with their users, and measures. */
export async function withMailSides<T>(
  form: Form,
  { users, profileFolder }: { users: number; profileFolder: string | undefined },
  measure: (sides: MailSides, later: Later) => Promise<T>,
): Promise<T> {
  return await withCleanup(async (later) => {
    console.log(`Starting the product (${form}), its peer and ${users} accounts…`)
    const running = await startProduct(form, { profileFolder }, later)
    const product = { ...running, running, users: await createMailUsers(running, users) }
    const bare = await startBare(running.databaseUrl, users, later)
    return await measure({ form, product, bare, peers: await readPeers(running) }, later)
  })
}

async function startBare(
  serverUrl: string | undefined,
  users: number,
  later: Later,
): Promise<MailSide | undefined> {
  if (serverUrl === undefined) return undefined
  const { url, drop } = await createServerDatabase(serverUrl)
  later(drop)
  const bareUsers = await createBareUsers(url, users)
  return { ...(await startBareMail(url, later)), users: bareUsers }
}

async function readPeers({ databaseUrl }: RunningProduct): Promise<Record<string, string>> {
  return databaseUrl === undefined
    ? { PGlite: installedVersion('@electric-sql/pglite') }
    : { ws: installedVersion('ws'), PostgreSQL: await readPostgresVersion(databaseUrl) }
}
