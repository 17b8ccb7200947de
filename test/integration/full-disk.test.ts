import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { acceptedJobId, postText, request } from '../support/job-client.js'
import {
  endProcesses,
  findServer,
  lastingPort,
  runTriagem,
  type TriagemProcess,
  whatProcessesSaid,
} from '../support/processes.js'
import { waitUntil } from '../support/wait-until.js'

const run = promisify(execFile)
const mib = 1024 ** 2
const ready = /Triagem is ready\./

/** Small file systems of its own: mounted by this test, so it needs root. */
describe('a disk that is full', function () {
  this.timeout(180_000)
  let folder: string
  const mounted = new Set<string>()

  const mount = async (path: string, sizeMib: number) => {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', path])
    mounted.add(path)
  }
  const unmount = async (path: string) => {
    await run('umount', [path])
    mounted.delete(path)
  }

  before(async function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) this.skip()
    folder = await mkdtemp(join(tmpdir(), 'triagem-full-disk-'))
    try {
      await mount(folder, 400)
    } catch {
      this.skip()
    }
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log(whatProcessesSaid())
    await endProcesses()
  })
  after(async () => {
    for (const path of [...mounted].reverse()) await unmount(path)
    await rm(folder, { recursive: true, force: true })
  })

  const install = async (name: string, more: Readonly<Record<string, string>> = {}) => ({
    PORT: String(await lastingPort()),
    DATA_DIR: join(folder, name),
    TEMPORAL_PORT: String(await lastingPort()),
    TEMPORAL_UI_PORT: String(await lastingPort()),
    LOG_LEVEL: 'fatal',
    ...more,
  })
  const start = async (env: Readonly<Record<string, string>>): Promise<TriagemProcess> => {
    const product = runTriagem(['start'], env, tmpdir())
    await product.saying(ready)
    return product
  }
  const post = (url: string, text: string) => postText(url, text).catch(() => undefined)
  const isDone = async (url: string, id: string) =>
    (await request(`${url}/job-status/${id}`)).body['status'] === 'completed'

  it('takes nothing new on while there is little room, and goes on reading', async () => {
    const env = await install('low', { MIN_FREE_DISK: '50 MB' })
    const url = `http://127.0.0.1:${env.PORT}`
    const product = await start(env)
    const id = acceptedJobId(await postText(url, 'Bom dia, qual o andamento do pedido 4821?'))
    await waitUntil('it is done', () => isDone(url, id))
    const { bavail, bsize } = await statfs(folder)
    const filler = join(folder, 'filler')
    await writeFile(filler, Buffer.alloc(bavail * bsize - 30 * mib))
    const refused = await waitUntil('new work is refused', async () => {
      const answer = await postText(url, 'Boa tarde')
      return answer.status === 507 ? answer : undefined
    })
    assert.equal(refused.body['code'], 'disk_low')
    const health = await request(`${url}/health`)
    assert.deepEqual([health.status, health.body['disk']], [200, 'low'])
    assert.ok(await isDone(url, id))
    await rm(filler)
    await waitUntil('it is taken again', async () => (await postText(url, 'Olá')).status === 200)
    await product.end('SIGTERM')
  })

  it('ends with a sentence where the log can not be written, and has all that was accepted once there is room', async () => {
    const env = await install('full', { MIN_FREE_DISK: '0' })
    const url = `http://127.0.0.1:${env.PORT}`
    const first = await start(env)
    await first.end('SIGTERM')

    const log = join(env.DATA_DIR, 'postgres', 'pg_wal')
    const copy = join(folder, 'log')
    await cp(log, copy, { recursive: true, preserveTimestamps: true })
    await mount(log, 40)
    await cp(copy, log, { recursive: true, preserveTimestamps: true })
    const product = await start(env)
    const accepted: string[] = []
    await waitUntil(
      'the database stops',
      async () => {
        const answer = await post(url, randomBytes(300_000).toString('base64'))
        if (answer?.status === 200) accepted.push(acceptedJobId(answer))
        return !product.isRunning()
      },
      90_000,
    )
    const { code } = await product.ended
    assert.notEqual(code, 0)
    const { out, err } = product.said()
    assert.match(err, /The disk of DATA_DIR is full, so the database stopped: make room/)
    assert.doesNotMatch(out, /nothing is lost\.\n$/)
    await waitUntil(
      'its Temporal server is gone',
      async () => (await findServer(env.DATA_DIR)) === undefined,
      3_000,
    )
    assert.ok(accepted.length > 0)

    await rm(copy, { recursive: true })
    await cp(log, copy, { recursive: true, preserveTimestamps: true })
    await unmount(log)
    await cp(copy, log, { recursive: true, preserveTimestamps: true })
    const again = await start(env)
    for (const id of accepted)
      assert.equal((await request(`${url}/job-status/${id}`)).status, 200, id)
    await again.end('SIGTERM')
  })
})
