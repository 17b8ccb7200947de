import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { listProcesses } from '../../commands/one-machine/process-identity.js'
import { packageRoot } from '../../config/package.js'
import { embeddedDatabaseFolder, openEmbeddedDatabase } from '../../db/database.js'
import { endlessPdf } from '../services/extraction/make-pdf.js'
import { acceptedJobId, postFile, postText, request } from '../support/job-client.js'
import { asOperator, lastingPort } from '../support/processes.js'
import { waitUntil } from '../support/wait-until.js'

type Environment = Readonly<Record<string, string>>

interface Run {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  /** Milliseconds from its first line on standard error to its end. */
  readonly silentMs: () => number
  readonly ended: Promise<number | null>
}

const question = 'Bom dia, qual o andamento do meu pedido 4821?'
const moments = 20
const maxEndMs = 3_000

/** What a user types, in a process group of its own, as a terminal makes one. */
describe('npm start', function () {
  this.timeout(120_000)
  let folder: string
  const runs = new Set<Run>()

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-starting-'))
  })
  afterEach(async function () {
    for (const run of runs) {
      if (this.currentTest?.state === 'failed') console.log(run.out().slice(-2_000), run.err())
      if (run.child.exitCode === null && run.child.signalCode === null) {
        signalGroup(run, 'SIGKILL')
        await run.ended
      }
    }
    runs.clear()
    for (const { pid } of await findLeftOver()) process.kill(pid, 'SIGKILL')
  })
  after(() => rm(folder, { recursive: true, force: true }))

  /** Temporal servers, and whatever else names our folder. */
  const findLeftOver = async () =>
    (await listProcesses()).filter(({ command }) => command.includes(folder))

  async function install(name: string): Promise<Environment & { readonly DATA_DIR: string }> {
    return {
      PORT: String(await lastingPort()),
      DATA_DIR: join(folder, name),
      TEMPORAL_PORT: String(await lastingPort()),
      TEMPORAL_UI_PORT: String(await lastingPort()),
      LOG_LEVEL: 'fatal',
    }
  }

  function start(env: Environment, args: readonly string[] = [], onTerminal = false): Run {
    const words = ['npm', 'start', ...(args.length === 0 ? [] : ['--', ...args])]
    const [program = '', ...rest] = onTerminal
      ? ['script', '-qec', words.join(' '), '/dev/null']
      : words
    const child = spawn(program, rest, {
      cwd: packageRoot,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let [out, err, firstErrMs, endMs] = ['', '', Infinity, Infinity]
    child.stdout.on('data', (text: Buffer) => (out += text.toString()))
    child.stderr.on('data', (text: Buffer) => {
      firstErrMs = Math.min(firstErrMs, performance.now())
      err += text.toString()
    })
    const ended = once(child, 'close').then(([code]) => {
      endMs = performance.now()
      return code as number | null
    })
    const silentMs = () => (firstErrMs === Infinity ? 0 : endMs - firstErrMs)
    const run = { child, out: () => out, err: () => err, silentMs, ended }
    runs.add(run)
    return run
  }
  const signalGroup = ({ child }: Run, signal: NodeJS.Signals) => {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  }
  const isReady = (run: Run) =>
    waitUntil('it is ready', () => run.out().includes('Triagem is ready.'), 60_000)
  const isGone = (name: string) =>
    waitUntil(`nothing is left of ${name}`, async () => (await findLeftOver()).length === 0, 15_000)
  const stop = async (run: Run) => {
    signalGroup(run, 'SIGTERM')
    await run.ended
  }

  async function failsWith(run: Run, sentence: RegExp): Promise<void> {
    const code = await run.ended
    assert.match(run.err() + run.out(), sentence)
    assert.notEqual(code, 0)
    assert.ok(run.silentMs() < maxEndMs, `ended ${run.silentMs()} ms after its sentence`)
    await isGone('a start that failed')
  }
  async function listenOn(port: string | undefined): Promise<() => void> {
    const server = createServer().listen(Number(port), '127.0.0.1')
    await once(server, 'listening')
    return () => server.close()
  }

  describe('where it can not start', () => {
    it('ends with a sentence where a port is taken, on a terminal too', async () => {
      const env = await install('ports')
      for (const name of ['PORT', 'TEMPORAL_PORT']) {
        const free = await listenOn(env[name])
        await failsWith(start(env), new RegExp(`Port ${env[name]} .*in use.*${name}`))
        await failsWith(start(env, [], true), new RegExp(`Port ${env[name]} .*in use.*${name}`))
        free()
      }
    })

    it('ends with a sentence where no Temporal server can be had', async () => {
      const env = await install('binary')
      // Without one on PATH, and without a folder to keep one in that is fetched.
      const file = join(folder, 'no-folder')
      await writeFile(file, '')
      const path = `${join(process.execPath, '..')}:/usr/bin:/bin`
      await failsWith(start({ ...env, XDG_CACHE_HOME: file, PATH: path }), /Temporal/)
    })

    it('ends with a sentence where DATA_DIR is in use, or of a later version', async () => {
      const env = await install('used')
      const first = start(env)
      await isReady(first)
      const other = { ...(await install('other')), DATA_DIR: env.DATA_DIR }
      const second = start(other)
      const code = await second.ended
      assert.match(second.err(), /DATA_DIR .* is in use by the running process/)
      assert.notEqual(code, 0)
      await stop(first)

      const database = await openEmbeddedDatabase(embeddedDatabaseFolder(env.DATA_DIR))
      await database.pool.query(
        `insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', now()::text)`,
      )
      await database.close()
      await failsWith(start(env), /migration/i)
    })
  })

  it('leaves nothing behind, whenever it is told to stop while it starts', async function () {
    this.timeout(300_000)
    const env = await install('stopped')
    const first = start(env)
    await isReady(first)
    await stop(first)
    for (let moment = 0; moment < moments; moment++) {
      const run = start(env)
      // Not a wait for something: the moment is what is varied.
      await delay(100 + moment * 200)
      if (moment % 2 === 0) signalGroup(run, 'SIGINT')
      else run.child.kill('SIGTERM')
      const askedMs = performance.now()
      await run.ended
      assert.ok(performance.now() - askedMs < 10_000, `at moment ${moment}: ${run.out()}`)
      await isGone(`moment ${moment}`)
      assert.doesNotMatch(run.err(), /^\s+at /m, 'no stack')
    }
  })

  describe('where Temporal’s file can not go on', () => {
    const overwrite = async (file: string, from: number, bytes: number) => {
      const handle = await open(file, 'r+')
      await handle.write(Buffer.alloc(bytes, 0x5a), 0, bytes, from)
      await handle.close()
    }
    const age = async (dataDir: string) => {
      const database = await openEmbeddedDatabase(embeddedDatabaseFolder(dataDir))
      await database.pool.query(`update runs set updated_at = now() - interval '2 minutes'`)
      await database.close()
    }

    it('says in one sentence that it is damaged, and begins anew when told to, with every open job', async function () {
      this.timeout(240_000)
      const env = await install('damaged')
      const url = `http://127.0.0.1:${env['PORT']}`
      const first = start(env)
      await isReady(first)
      const slow = { bytes: endlessPdf(6), name: 'mail.pdf', type: 'application/pdf' }
      const open = acceptedJobId(await postFile(url, slow))
      const done = acceptedJobId(await postText(url, question))
      const isDone = async (id: string) =>
        (await request(`${url}/job-status/${id}`)).body['status'] === 'completed'
      await waitUntil('one is done', () => isDone(done))
      signalGroup(first, 'SIGKILL')
      await first.ended
      for (const { pid } of await findLeftOver()) process.kill(pid, 'SIGKILL')
      await isGone('what was killed')
      await age(env.DATA_DIR)

      const file = join(env.DATA_DIR, 'temporal', 'temporal.db')
      await overwrite(file, 8_192, 200_000)
      const said =
        /Temporal's file in .* is damaged: start once with "npm start -- --new-temporal-file"/
      await failsWith(start(env), said)
      await writeFile(file, 'this is no database')
      await failsWith(start(env), said)

      const anew = start(env, ['--new-temporal-file'])
      await isReady(anew)
      assert.match(anew.out(), /is set aside in/)
      const names = await readdir(join(env.DATA_DIR, 'temporal'))
      assert.ok(names.some((name) => name.startsWith('set-aside-')))
      await request(`${url}/schedules/sweep-runs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(await asOperator(env.DATA_DIR)) },
        body: '{"action":"run"}',
      })
      await waitUntil('the open one is done', () => isDone(open), 120_000)
      assert.ok(await isDone(done))
      await stop(anew)

      const shrunk = start({ ...env, MAX_TEMPORAL_FILE: '1 KB' })
      await isReady(shrunk)
      assert.match(shrunk.out(), /has grown to \d+ MB and is begun anew/)
      await stop(shrunk)
    })
  })
})
