import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { PortInUseError } from '../../../commands/one-machine/ports.js'
import { listProcesses, readIdentity } from '../../../commands/one-machine/process-identity.js'
import {
  startTemporalServer,
  type TemporalServer,
  type TemporalServerOptions,
} from '../../../commands/one-machine/temporal-server.js'
import { freePort } from '../../support/free-port.js'
import { getTemporalCli } from '../../support/temporal-binaries.js'
import { waitUntil } from '../../support/wait-until.js'
import { makeFolder, writeScript } from './support.js'

const serverHolder = fileURLToPath(new URL('server-holder.js', import.meta.url))

describe('embedded Temporal server', function () {
  this.timeout(60_000)
  let binary: string
  let folder: Awaited<ReturnType<typeof makeFolder>>
  let lines: string[]
  let options: TemporalServerOptions
  let servers: TemporalServer[]

  before(async function () {
    this.timeout(600_000)
    binary = await getTemporalCli()
  })
  beforeEach(async () => {
    folder = await makeFolder()
    lines = []
    servers = []
    const [port, uiPort] = [await freePort(), await freePort()]
    const log = (line: string): void => void lines.push(line)
    options = { binary, dataDir: folder.path, port, uiPort, namespace: 'triagem', log }
  })
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    await folder.remove()
  })

  const start = async (changed: Partial<TemporalServerOptions> = {}) => {
    const server = await startTemporalServer({ ...options, ...changed })
    servers.push(server)
    return server
  }

  it('serves the namespace and the UI, keeps a record, and leaves no process when stopped', async () => {
    const codecEndpoint = 'http://127.0.0.1:8000/codec'
    const server = await start({ codecEndpoint })
    assert.equal(server.address, `127.0.0.1:${options.port}`)
    assert.equal((await fetch(server.uiUrl)).status, 200)
    const settings = await (await fetch(`${server.uiUrl}/api/v1/settings`)).text()
    assert.ok(settings.includes(codecEndpoint))
    const written = await readFile(join(folder.path, 'temporal', 'server.json'), 'utf8')
    const identity = await readIdentity(server.pid)
    assert.deepEqual((JSON.parse(written) as { process: unknown }).process, identity)
    assert.match(identity?.command ?? '', /history\.transferProcessorMaxPollRPS=1000/)

    await Promise.all([server.stop(), server.stop()])
    assert.equal(await readIdentity(server.pid), undefined)
    const left = await readdir(join(folder.path, 'temporal'))
    assert.ok(!left.includes('server.json') && left.includes('temporal.db'))
  })

  it('goes on where it was after itself and its parent were killed with -9', async () => {
    const parent = await startHolder(options)
    await startWorkflow('kept')
    const orphan = parent.serverPid
    await parent.kill()
    assert.ok(await readIdentity(orphan), 'the server outlives its parent')

    const server = await start()
    assert.equal(await readIdentity(orphan), undefined)
    assert.notEqual(server.pid, orphan)
    assert.match(lines.join('\n'), new RegExp(`last run left behind \\(pid ${orphan}\\)`))
    assert.equal(await describeWorkflow('kept'), 'RUNNING')
  })

  it('finds the orphan of a parent that was killed before it could note the pid', async () => {
    const parent = await startHolder(options)
    await parent.kill()
    const record = join(folder.path, 'temporal', 'server.json')
    const { arguments: noted } = JSON.parse(await readFile(record, 'utf8')) as { arguments: string }
    await writeFile(record, JSON.stringify({ arguments: noted }))
    await start()
    assert.equal(await readIdentity(parent.serverPid), undefined)
  })

  it('never touches a process that does not match the record', async () => {
    const bystander = spawn('sleep', ['4711'])
    await once(bystander, 'spawn')
    const identity = await readIdentity(bystander.pid!)
    try {
      const records = [
        { arguments: 'server start-dev', process: identity },
        { arguments: '4711', process: { ...identity, startedAt: 'another start' } },
        { arguments: 'something else', process: undefined },
      ]
      await mkdir(join(folder.path, 'temporal'))
      for (const record of records) {
        await writeFile(join(folder.path, 'temporal', 'server.json'), JSON.stringify(record))
        await assert.rejects(start({ binary: join(folder.path, 'none') }), /ENOENT/)
      }
      assert.equal(bystander.signalCode, null)
      assert.deepEqual(await readIdentity(bystander.pid!), identity)
      assert.deepEqual(lines, [])
    } finally {
      bystander.kill('SIGKILL')
    }
  })

  it('says in one line which port is taken and which setting changes it', async () => {
    const settings = [
      ['TEMPORAL_PORT', options.port],
      ['TEMPORAL_UI_PORT', options.uiPort],
    ] as const
    for (const [setting, port] of settings) {
      const other = createServer().listen(port, '127.0.0.1')
      await once(other, 'listening')
      await assert.rejects(start(), (error) => {
        assert.ok(error instanceof PortInUseError)
        assert.match(error.message, new RegExp(`^Port ${port} .*\\b${setting}\\b.*$`))
        return true
      })
      other.close()
      await once(other, 'close')
    }
  })

  it('is started again on the same port when it dies by itself', async () => {
    const server = await start()
    const first = server.pid
    process.kill(first, 'SIGKILL')
    await waitUntil('another process serves', () => server.pid !== first)
    await startWorkflow('after the restart')
    assert.match(lines[0] ?? '', /ended by itself \(SIGKILL\); starting it again/)
    await server.stop()
    assert.equal(await readIdentity(server.pid), undefined)
  })

  it('starts nothing more when it is stopped while it comes back', async () => {
    const server = await start()
    const record = join(folder.path, 'temporal', 'server.json')
    const before = await readFile(record, 'utf8')
    process.kill(server.pid, 'SIGKILL')
    await waitUntil(
      'the next one is spawned',
      async () => (await readFile(record, 'utf8')) !== before,
    )
    await server.stop()
    const argument = join(folder.path, 'temporal', 'temporal.db')
    const pids = await listCommands()
    assert.deepEqual(
      pids.filter((command) => command.includes(argument)),
      [],
    )
  })

  it('rejects with what the server said when it does not come up, and leaves none running', async () => {
    const broken = join(folder.path, 'broken')
    await writeScript(broken, 'echo "no such luck" >&2; exit 3')
    await assert.rejects(start({ binary: broken }), /ended while starting \(code 3\): no such luck/)
  })

  it('is ended when the start is aborted', async () => {
    const deaf = join(folder.path, 'deaf')
    await writeScript(deaf, 'exec sleep 4712')
    const abort = new AbortController()
    const starting = start({ binary: deaf, signal: abort.signal })
    await waitUntil('it runs', async () => (await listCommands()).includes('sleep 4712'))
    abort.abort()
    await assert.rejects(starting, { name: 'AbortError' })
    assert.ok(!(await listCommands()).includes('sleep 4712'))
  })

  async function withClient<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const connection = await Connection.connect({ address: `127.0.0.1:${options.port}` })
    try {
      return await use(new Client({ connection, namespace: options.namespace }))
    } finally {
      await connection.close()
    }
  }

  const startWorkflow = (workflowId: string) =>
    withClient((client) =>
      client.workflow.start('waitsForAWorker', { workflowId, taskQueue: 'nobody' }),
    )

  const describeWorkflow = (workflowId: string) =>
    withClient(async (client) => {
      return (await client.workflow.getHandle(workflowId).describe()).status.name
    })
})

async function listCommands(): Promise<string[]> {
  return (await listProcesses()).map(({ command }) => command)
}

async function startHolder({ binary, dataDir, port, uiPort }: TemporalServerOptions) {
  const args = [serverHolder, binary, dataDir, String(port), String(uiPort)]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { serverPid: Number(chunk.toString()), kill }
}
