import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../config/package.js'
import { waitUntil } from './support/wait-until.js'

/** Stands for npm: notes the call and brings what `npm install` would, a compiler and mocha among it. */
const npm = `
import * as fs from 'node:fs'
fs.appendFileSync('calls', process.argv.slice(2, 3) + '\\n')
if (fs.existsSync('no-network')) {
  console.error('npm error code ENOTFOUND\\nnpm error network request failed')
  process.exit(1)
}
fs.cpSync('registry', 'node_modules', { recursive: true })
const lock = JSON.parse(fs.readFileSync('package-lock.json'))
delete lock.packages['']
delete lock.packages['node_modules/other-platform']
lock.packages['node_modules/this-platform'] = { version: '1.0.0', optional: true }
fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock))
`
/** Stands for tsc: a source is copied to dist unless it has the word "error". */
const tsc = `
const fs = require('node:fs')
const unchecked = process.argv.includes('--noCheck') ? ' unchecked' : ''
fs.appendFileSync('calls', (fs.existsSync('dist/.tsbuildinfo') ? 'tsc again' : 'tsc') + unchecked + '\\n')
fs.mkdirSync('dist', { recursive: true })
fs.writeFileSync('dist/.tsbuildinfo', '')
for (const file of fs.readdirSync('.').filter((name) => name.endsWith('.ts'))) {
  if (/error/.test(fs.readFileSync(file, 'utf8'))) {
    console.log(file + '(1,1): wrong type')
    process.exit(2)
  }
  fs.copyFileSync(file, 'dist/' + file.replace('.ts', '.js'))
}
`
const mocha = `
console.log('mocha', process.argv.slice(2).join(' '))
process.exit(3)
`
const cli = `
import * as fs from 'node:fs'
export const main = (args) => console.log('main', args.join(' '))
if (process.argv[2] === 'fetch-temporal') fs.appendFileSync('fetched', 'once\\n')
if (process.argv[2] === 'build-assets') {
  fs.appendFileSync('calls', 'build-assets\\n')
  console.log('training: 50 %')
  fs.writeFileSync('dist/bundle.txt', '')
}
`
const lock = (version: string) =>
  JSON.stringify({
    packages: {
      '': { name: 'triagem' },
      'node_modules/a': { version },
      'node_modules/other-platform': { version, optional: true },
    },
  })

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('start.mjs', function () {
  this.timeout(30_000)
  let root: string

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'triagem-start-'))
    await copyFile(join(packageRoot, 'start.mjs'), join(root, 'start.mjs'))
    await write('package.json', '{"type":"module"}')
    await write('package-lock.json', lock('1.0.0'))
    await write('tsconfig.json', '{}')
    await write('.mocharc.json', '{}')
    await write('cli.ts', cli)
    await write('a.ts', '')
    await write('activities/examples/mails.txt', 'one')
    await write('npm-cli.js', npm)
    await write('registry/typescript/bin/tsc', tsc)
    await write('registry/mocha/bin/mocha.js', mocha)
    await write('registry/mocha/package.json', '{"type":"commonjs"}')
    await write('registry/typescript/package.json', '{"type":"commonjs"}')
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const write = async (name: string, content: string) => {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), content)
  }
  const run = (...args: string[]) => runScript([], args)
  const runScript = (options: readonly string[], args: readonly string[]) =>
    new Promise<{ code: number | string; out: string; err: string }>((resolve) => {
      const env = { PATH: '', npm_execpath: join(root, 'npm-cli.js') }
      const script = [...options, join(root, 'start.mjs'), ...args]
      const limits = { cwd: tmpdir(), env, timeout: 20_000, killSignal: 'SIGKILL' } as const
      execFile(process.execPath, script, limits, (error, out, err) => {
        resolve({ code: error?.code ?? 0, out, err })
      })
    })
  /** Without a command, under a Node that says it is another. */
  const runOn = async (version: string) => {
    const pretence = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`
    await write('pretend.mjs', pretence)
    return await runScript(['--import', join(root, 'pretend.mjs')], [])
  }
  const takeCalls = async () => {
    const calls = await readFile(join(root, 'calls'), 'utf8').catch(() => '')
    await rm(join(root, 'calls'), { force: true })
    return calls.split('\n').filter((line) => line !== '')
  }

  it('installs, compiles, builds the assets and hands over, a line for each step', async () => {
    const { code, out, err } = await run('start', '--port', '1')
    assert.equal(err, '')
    assert.equal(code, 0)
    assert.deepEqual(out.split('\n'), [
      'Installing dependencies (npm)…',
      'Compiling (tsc)…',
      'Building the workflow bundle and the models…',
      'training: 50 %',
      'main start --port 1',
      '',
    ])
    assert.equal(await readFile(join(root, 'fetched'), 'utf8'), 'once\n')
    assert.deepEqual(await takeCalls(), ['install', 'tsc unchecked', 'build-assets'])
  })

  it('does nothing again while nothing has changed, touched files included', async () => {
    await run('build')
    await takeCalls()
    await utimes(join(root, 'a.ts'), new Date(), new Date())
    await write('data/upload.json', '{}')
    const { out } = await run('start')
    assert.equal(out, 'main start\n')
    assert.deepEqual(await takeCalls(), [])
  })

  it('builds again when a source or an example has changed, and drops what lost its source', async () => {
    await run('build')
    await takeCalls()
    assert.ok(existsSync(join(root, 'dist', 'a.js')))
    await rm(join(root, 'a.ts'))
    await run('build')
    assert.deepEqual(await takeCalls(), ['tsc again', 'build-assets'])
    assert.ok(!existsSync(join(root, 'dist', 'a.js')))
    assert.ok(existsSync(join(root, 'dist', 'bundle.txt')))
    await write('activities/examples/mails.txt', 'two')
    await run('build')
    assert.deepEqual(await takeCalls(), ['tsc again', 'build-assets'])
  })

  it('installs again when the lock file asks for another version', async () => {
    await run('build')
    await takeCalls()
    await write('package-lock.json', lock('1.0.1'))
    await run('build')
    assert.deepEqual(await takeCalls(), ['install', 'tsc again', 'build-assets'])
  })

  it('clears away what a killed install left, and refuses what the lock file does not say', async () => {
    await write('node_modules/half/package.json', '{}')
    assert.equal((await run('build')).code, 0)
    assert.ok(!existsSync(join(root, 'node_modules', 'half')))
    await write('package-lock.json', lock('1.0.1'))
    await write('npm-cli.js', npm.replace('JSON.parse(fs', 'JSON.parse(\'{"packages":{}}\' || fs'))
    const { code, err } = await run('build')
    assert.equal(code, 1)
    assert.match(err, /^What npm installed is not what package-lock\.json says: .*\n$/)
  })

  it('says in one sentence that npm is out of reach, and goes on once it is back', async () => {
    await write('no-network', '')
    const { code, err } = await run('start')
    assert.equal(code, 1)
    assert.match(err, /^The dependencies could not be installed \(ENOTFOUND\): .*\n$/)
    await rm(join(root, 'no-network'))
    assert.equal((await run('start')).code, 0)
  })

  it('shows what the compiler says, ends with a sentence, and compiles from scratch next time', async () => {
    await run('build')
    await takeCalls()
    await write('a.ts', 'error')
    const { code, err } = await run('test')
    assert.equal(code, 1)
    assert.match(err, /^a\.ts\(1,1\): wrong type\nThe sources do not compile: .*\n$/)
    await write('a.ts', '')
    assert.equal((await run('build')).code, 0)
    assert.deepEqual(await takeCalls(), ['tsc again', 'tsc', 'build-assets'])
  })

  it('passes arguments to mocha and its exit code back', async () => {
    const { code, out } = await run('test', '--grep', 'lock')
    assert.equal(code, 3)
    assert.match(out, /\nmocha --grep lock\n$/)
  })

  it('installs and builds once when two begin together', async () => {
    const both = await Promise.all([run('start'), run('start')])
    for (const { code, out } of both) {
      assert.equal(code, 0)
      assert.match(out, /main start\n$/)
    }
    assert.deepEqual(await takeCalls(), ['install', 'tsc unchecked', 'build-assets'])
  })

  it('checks the types for whoever tests or builds what a start has compiled without', async () => {
    await run('start')
    await takeCalls()
    await run('build')
    assert.deepEqual(await takeCalls(), ['tsc again', 'build-assets'])
    await run('start')
    assert.deepEqual(await takeCalls(), [])
  })

  it('does not wait for a set-up that was killed', async () => {
    await write('.cache/set-up.lock', String(2 ** 22 + 1))
    assert.equal((await run('build')).code, 0)
    assert.ok(!existsSync(join(root, '.cache', 'set-up.lock')))
  })

  it('neither installs nor builds in a shipped package, which has no tests either', async () => {
    await run('build')
    await takeCalls()
    for (const name of ['tsconfig.json', '.mocharc.json', 'cli.ts']) await rm(join(root, name))
    assert.equal((await run('start')).out, 'main start\n')
    const { code, err } = await run('test')
    assert.equal(code, 1)
    assert.match(err, /^This package comes without its tests: .*\n$/)
    assert.deepEqual(await takeCalls(), [])
  })

  it('refuses a Node on which not every part runs, in one sentence that says what to install', async () => {
    for (const version of ['18.20.8', '20.18.3', '21.7.3', '22.12.0', '23.11.1'])
      assert.match((await runOn(version)).err, /^Node [\d.]+ will not do: install Node 24 .*\n$/)
    for (const version of ['20.19.0', '22.13.0', '24.0.0', '26.1.0'])
      assert.match((await runOn(version)).err, /^Say which: /)
  })

  it('ends with the code of a command that failed and left something open', async () => {
    await write(
      'cli.ts',
      `export const main = () => { setInterval(() => {}, 60_000); return 1 }\n` +
        `if (process.argv[2] === 'build-assets') process.exit(0)\n`,
    )
    assert.equal((await run('start')).code, 1)
  })

  describe('stopped in the midst of its set-up', () => {
    /** Starts another and stays, as npm does with what it runs. */
    const stays = `
const { spawn } = await import('node:child_process')
const fs = await import('node:fs')
const { pid } = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20_000)'], { stdio: 'ignore' })
fs.writeFileSync('pids', [process.pid, pid].join(' '))
setTimeout(() => {}, 20_000)
`
    const steps = [
      ['npm-cli.js', stays],
      ['registry/typescript/bin/tsc', `(async () => {${stays}})()`],
      ['cli.ts', `if (process.argv[2] === 'build-assets') {${stays}}`],
    ] as const
    const readPids = () =>
      waitUntil('the step is under way', async () => {
        const pids = await readFile(join(root, 'pids'), 'utf8').catch(() => '')
        return pids === '' ? undefined : pids.split(' ').map(Number)
      })
    const areGone = (pids: readonly number[]) =>
      waitUntil('nothing is left', () => Promise.resolve(!pids.some(isAlive)))

    for (const [file, program] of steps)
      it(`ends what it started and gives up its lock, also in ${file}`, async () => {
        await write(file, program)
        const child = spawn(process.execPath, [join(root, 'start.mjs'), 'start'], {
          env: { PATH: '', npm_execpath: join(root, 'npm-cli.js') },
        })
        const pids = await readPids()
        child.kill(file === 'cli.ts' ? 'SIGTERM' : 'SIGINT')
        const [code] = (await once(child, 'exit')) as [number | null]
        assert.equal(code, file === 'cli.ts' ? 143 : 130)
        await areGone(pids)
        assert.ok(!existsSync(join(root, '.cache', 'set-up.lock')))
      })

    it('ends with the npm that runs it, be that killed', async () => {
      await write('registry/typescript/bin/tsc', `(async () => {${stays}})()`)
      const start = `"${process.execPath}" "${join(root, 'start.mjs')}" start & echo $!; wait`
      const npmScript = spawn('/bin/sh', ['-c', start], {
        env: { PATH: '', npm_execpath: join(root, 'npm-cli.js'), npm_lifecycle_event: 'start' },
      })
      const [line] = (await once(npmScript.stdout, 'data')) as [Buffer]
      const pids = [Number.parseInt(line.toString()), ...(await readPids())]
      npmScript.kill('SIGKILL')
      await areGone(pids)
    })
  })

  it('names its commands when it is given none of them', async () => {
    for (const name of ['', 'constructor']) {
      const { code, err } = await run(name)
      assert.equal(code, 1)
      assert.match(err, /start\|test\|build\|bench/)
    }
  })
})
