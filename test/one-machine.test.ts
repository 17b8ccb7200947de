import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { z } from 'zod'
import { findNativeUws } from '../api/live/sockets/uws-server.js'
import { sameProcess } from '../commands/one-machine/process-identity.js'
import { shopRows, toJsonLines } from './commands/support/shop-rows.js'
import { endlessPdf, makePdf } from './services/extraction/make-pdf.js'
import {
  acceptedJobId,
  type Answer,
  followJob,
  postFile,
  postText,
  request,
  watchJob,
} from './support/job-client.js'
import {
  asOperator,
  endOther,
  endProcesses,
  findServer,
  lastingPort,
  runTriagem,
  type TriagemProcess,
  whatProcessesSaid,
} from './support/processes.js'
import { waitUntil } from './support/wait-until.js'

const question = 'Bom dia, qual o andamento do meu pedido 4821?'
const ready = /Triagem is ready\./
const stopWithinMs = 10_000
const modelList = z.array(
  z.object({ id: z.int().nullable(), task: z.string(), is_current: z.boolean() }),
)

/** A DATA_DIR with ports of its own: what makes one installation. */
interface Installation {
  readonly url: string
  readonly env: Readonly<Record<string, string>> & { readonly DATA_DIR: string }
}

describe('triagem start, everything on one machine', function () {
  this.timeout(90_000)
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-one-machine-'))
  })
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.log(whatProcessesSaid())
  })
  after(async () => {
    await endProcesses()
    await rm(folder, { recursive: true, force: true })
  })

  async function install(name: string): Promise<Installation> {
    const port = await lastingPort()
    const env = {
      PORT: String(port),
      DATA_DIR: join(folder, name),
      TEMPORAL_PORT: String(await lastingPort()),
      TEMPORAL_UI_PORT: String(await lastingPort()),
      LOG_LEVEL: 'warn',
    }
    return { url: `http://127.0.0.1:${port}`, env }
  }
  const start = ({ env }: Installation) => runTriagem(['start'], env, folder)

  /** A start that ought not to come up. */
  async function startInVain(env: Readonly<Record<string, string>>): Promise<string> {
    const refused = runTriagem(['start'], env, folder)
    const { code } = await refused.ended
    assert.equal(code, 1)
    const lines = refused.said().err.trim().split('\n')
    assert.equal(lines.length, 1, `more than one line: ${lines.join('\n')}`)
    return lines[0] ?? ''
  }

  describe('used as the README says', () => {
    let office: Installation
    let product: TriagemProcess
    let jobId: string
    let result: object | null
    let password: string

    before(async () => {
      office = await install('office')
      product = start(office)
    })

    const signIn = (username: string, secret: string): Promise<Answer> =>
      request(`${office.url}/sign-in`, {
        method: 'POST',
        body: new URLSearchParams({ username, password: secret }),
      })

    it('says where it is and a line to try, and that line works', async () => {
      await product.saying(ready)
      const { out } = product.said()
      assert.match(out, new RegExp(`API: ${office.url} {3}Docs: ${office.url}/docs`))
      assert.match(
        out,
        new RegExp(`Temporal UI: http://127.0.0.1:${office.env['TEMPORAL_UI_PORT']}`),
      )
      const [, url = '', type = '', body = ''] =
        /curl -s (\S+) -H 'Content-Type: (\S+)' -d '(.+)'/.exec(out) ?? []
      const answer = await request(url, { method: 'POST', headers: { 'content-type': type }, body })
      jobId = acceptedJobId(answer)
      const { status, body: health } = await request(`${office.url}/health`)
      assert.equal(status, 200)
      assert.equal(health['sockets'], findNativeUws() === undefined ? 'ws' : 'uws')
      assert.match(
        out,
        health['sockets'] === 'uws' ? /^Sockets: uWebSockets\.js$/m : /^Sockets: ws \(/m,
      )
    })

    it('shows a job live and on asking, through one origin', async () => {
      const watch = watchJob(office.url, jobId)
      assert.equal(await watch.closed, 1000)
      const last = watch.frames.at(-1)!
      assert.equal(last.status, 'completed')
      assert.equal(last.result?.category, 'Produtivo')
      const asked = await request(`${office.url}/job-status/${jobId}`)
      assert.deepEqual(asked.body, last)
      result = last.result
    })

    it('makes the first admin, whose password it shows once, and lets them in', async () => {
      const [, , said = ''] =
        /(account is made: admin, password (\S+))/.exec(product.said().out) ?? []
      password = said
      const signedIn = await signIn('admin', password)
      assert.equal(signedIn.status, 200)
      assert.equal(signedIn.body['role'], 'admin')
    })

    it('keeps accounts from the command line while it runs', async () => {
      const add = runTriagem(['user', 'add', 'maria', '--role', 'operator'], office.env, folder)
      assert.equal((await add.ended).code, 0, add.said().err)
      const [, made = ''] = /shown this once: (\S+)/.exec(add.said().out) ?? []
      assert.equal((await signIn('maria', made)).body['role'], 'operator')
    })

    it('trains a model and makes it current from the command line while it runs', async () => {
      const file = join(folder, 'shop.jsonl')
      await writeFile(file, toJsonLines(shopRows))
      const train = runTriagem(['train', 'texts', file, '--promote'], office.env, folder)
      assert.equal((await train.ended).code, 0, train.said().err)
      assert.match(train.said().out, /^Model 1 is stored and current for texts\.$/m)
      const headers = await asOperator(office.env.DATA_DIR)
      const { body } = await request(`${office.url}/models`, { headers })
      const currents = modelList
        .parse(body)
        .filter((model) => model.is_current)
        .map(({ id, task }) => [task, id])
      assert.deepEqual(currents, [
        ['email', null],
        ['texts', 1],
      ])
      const args = ['evaluate', 'texts', file, '--model', 'current', '--against', '1']
      const evaluate = runTriagem(args, office.env, folder)
      assert.equal((await evaluate.ended).code, 0, evaluate.said().err)
      assert.match(evaluate.said().out, /^texts: 72 rows of shop\.jsonl, judged by model 1$/m)
    })

    it('refuses a second start on the same DATA_DIR in one line', async () => {
      const other = await install('unused')
      const line = await startInVain({ ...other.env, DATA_DIR: office.env.DATA_DIR })
      assert.match(line, /DATA_DIR .* is in use by the running process/)
      assert.equal((await request(`${office.url}/health`)).status, 200)
    })

    it('ends within 10 s of SIGTERM, its Temporal server with it', async () => {
      const server = await findServer(office.env.DATA_DIR)
      assert.ok(server !== undefined)
      const askedAtMs = Date.now()
      assert.deepEqual(await product.end('SIGTERM'), { code: 0, signal: null })
      assert.ok(Date.now() - askedAtMs < stopWithinMs, `took ${Date.now() - askedAtMs} ms`)
      assert.equal(await sameProcess(server), false)
      assert.ok(!existsSync(join(office.env.DATA_DIR, 'server.lock')))
    })

    it('says in one line which port is in use, and leaves nothing running', async () => {
      const squatter = createServer().listen(Number(office.env['PORT']), '127.0.0.1')
      await once(squatter, 'listening')
      try {
        assert.match(
          await startInVain(office.env),
          /Port \d+ on 127\.0\.0\.1 is in use.*set PORT to a free port\./,
        )
      } finally {
        squatter.close()
      }
      assert.equal(await findServer(office.env.DATA_DIR), undefined)
      const temporal = createServer().listen(Number(office.env['TEMPORAL_PORT']), '127.0.0.1')
      await once(temporal, 'listening')
      try {
        assert.match(await startInVain(office.env), /Port \d+ .* is in use.*TEMPORAL_PORT/)
      } finally {
        temporal.close()
      }
    })

    it('keeps accounts while it is stopped, with nothing left to say how to reach it', async () => {
      assert.ok(!existsSync(join(office.env.DATA_DIR, 'operator-key')))
      const list = runTriagem(['user', 'list'], office.env, folder)
      assert.equal((await list.ended).code, 0, list.said().err)
      assert.match(list.said().out, /^1\tadmin\tadmin\t.*\n2\tmaria\toperator\t.*\tactive\n$/)
      assert.ok(!existsSync(join(office.env.DATA_DIR, 'server.lock')))
    })

    it('knows its jobs and accounts after the next start, and makes no other admin', async () => {
      product = start(office)
      await product.saying(ready)
      assert.doesNotMatch(product.said().out, /account is made/)
      assert.equal((await signIn('admin', password)).status, 200)
      const { status, body } = await request(`${office.url}/job-status/${jobId}`)
      assert.equal(status, 200)
      assert.equal(body['status'], 'completed')
      assert.deepEqual(body['result'], result)
      assert.deepEqual(await product.end('SIGINT'), { code: 0, signal: null })
    })
  })

  describe('killed while it works', () => {
    const jobs = 30
    const rounds = 3
    let office: Installation
    let product: TriagemProcess
    let pdf: Buffer
    let slowPdf: Buffer
    const accepted = new Set<string>()

    before(async () => {
      office = await install('killed')
      pdf = await makePdf([question, 'Obrigado.'])
      slowPdf = endlessPdf(4)
      product = start(office)
      await product.saying(ready)
    })

    /**
     * As a careful client does: the same key again until an answer comes. The reading of a PDF is tried
     * three times, so none is sent in before the first of three kills.
     */
    async function postUntilAccepted(index: number): Promise<string> {
      const headers = { 'idempotency-key': `job-${index}` }
      const bytes = index % 4 === 0 ? slowPdf : pdf
      const post = (): Promise<Answer> =>
        index >= jobs / rounds && index % 2 === 0
          ? postFile(office.url, { bytes, name: 'mail.pdf', type: 'application/pdf' }, headers)
          : postText(office.url, `${question} (${index})`, headers)
      return await waitUntil(
        `job ${index} is accepted`,
        async () => {
          const answer = await post().catch(() => undefined)
          if (answer === undefined || answer.status === 503) return undefined
          return acceptedJobId(answer)
        },
        60_000,
      )
    }

    it('loses none of 30 jobs and does none twice, killed three times at random moments', async () => {
      const moments: number[] = []
      const followed: ReturnType<typeof followJob>[] = []
      for (let round = 0; round < rounds; round++) {
        const indices = Array.from({ length: jobs / rounds }, (_, i) => round * (jobs / rounds) + i)
        const posted = indices.map(async (index) => {
          const id = await postUntilAccepted(index)
          accepted.add(id)
          const follow = followJob([office.url], id, 80_000)
          follow.catch(() => undefined)
          followed.push(follow)
        })
        await Promise.race(posted)
        const momentMs = Math.round(Math.random() * 800)
        moments.push(momentMs)
        // Not a wait for something: the moment is what is varied.
        await delay(momentMs)
        product.signal('SIGKILL')
        await product.ended
        const orphan = await findServer(office.env.DATA_DIR)
        assert.ok(orphan !== undefined, 'killed with -9, it leaves its Temporal server behind')
        product = start(office)
        await product.saying(ready)
        assert.equal(await sameProcess(orphan), false, 'the orphan is gone')
        await Promise.all(posted)
      }
      const ends = await Promise.all(followed)
      const said = `killed ${moments.join(', ')} ms after the first job of each round was accepted`
      console.log(`      ${said}`)
      assert.equal(accepted.size, jobs, said)
      const failed = ends.map(({ last }) => last).filter(({ status }) => status !== 'completed')
      assert.deepEqual(failed, [], said)
      assert.ok(
        ends.some(({ connections }) => connections > 1),
        `no socket had to come back: ${said}`,
      )
      await assertEachRanOnce()
    })

    it('takes nothing on while its Temporal server is killed, and comes back by itself', async () => {
      const server = await findServer(office.env.DATA_DIR)
      assert.ok(server !== undefined)
      const inFlight = await postFile(office.url, {
        bytes: slowPdf,
        name: 'mail.pdf',
        type: 'application/pdf',
      })
      const ids = [acceptedJobId(inFlight)]
      await endOther(server)
      const refused: Answer[] = []
      // From the kill on until it serves again: each post is taken on or refused, nothing between.
      await waitUntil('the API takes jobs again', async () => {
        const answer = await postText(office.url, question)
        if (answer.status === 200) ids.push(acceptedJobId(answer))
        else refused.push(answer)
        return ids.length >= 6
      })
      for (const { status, headers, body } of refused) {
        assert.equal(status, 503)
        assert.match(headers.get('retry-after') ?? '', /^\d+$/)
        assert.equal(body['code'], 'unavailable')
      }
      for (const id of ids) {
        accepted.add(id)
        assert.equal((await followJob([office.url], id, 60_000)).last.status, 'completed')
      }
      await waitUntil(
        'it is healthy',
        async () => (await request(`${office.url}/health`)).status === 200,
      )
      assert.notEqual((await findServer(office.env.DATA_DIR))?.pid, server.pid)
      await assertEachRanOnce()
      assert.deepEqual(await product.end('SIGTERM'), { code: 0, signal: null })
    })

    /** Rows and workflows are those of the accepted jobs, one of each for each, all completed. */
    async function assertEachRanOnce(): Promise<void> {
      const headers = await asOperator(office.env.DATA_DIR)
      const metrics = await (await fetch(`${office.url}/metrics`, { headers })).text()
      const rows = [...metrics.matchAll(/^triagem_jobs\{status="(\w+)"\} (\d+)$/gm)]
      assert.deepEqual(
        rows.map(([, status, count]) => [status, Number(count)]),
        [['completed', accepted.size]],
      )
      const runs = await listRuns(office.env['TEMPORAL_PORT'] ?? '')
      const completed = runs
        .filter(({ status }) => status === 'COMPLETED')
        .map(({ jobId }) => jobId)
      assert.equal(new Set(completed).size, completed.length, 'a job ran twice')
      for (const id of accepted) assert.ok(completed.includes(id), `no run completed job ${id}`)
    }
  })
})

/** Every run of a job's workflow that this Temporal server knows, once its list has caught up. */
async function listRuns(port: string): Promise<{ jobId: string; status: string }[]> {
  const connection = await Connection.connect({ address: `127.0.0.1:${port}` })
  try {
    const { workflow } = new Client({ connection })
    const list = async () => {
      const runs: { jobId: string; status: string }[] = []
      for await (const { workflowId, status } of workflow.list({
        query: 'WorkflowType="classifyEmail"',
      }))
        runs.push({ jobId: workflowId.replace(/^.*\//, ''), status: status.name })
      return runs
    }
    return await waitUntil('no run is open in the list', async () => {
      const runs = await list()
      return runs.some(({ status }) => status === 'RUNNING') ? undefined : runs
    })
  } finally {
    await connection.close()
  }
}
