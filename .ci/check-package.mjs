// Packs the product, installs it into an empty folder as a user would, runs one job through it and stops it.
// Usage: check-package.mjs FOLDER (for temporary files). Exits 1 with the reason and the server's output on failure.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.mjs'

const HEALTHY_WITHIN_MS = 120_000 // a first start may fetch Temporal
const JOB_WITHIN_MS = 60_000
const STOPPED_WITHIN_MS = 10_000
const folder = mkdtempSync(join(resolve(process.argv[2] ?? '.'), 'package-'))
let output = ''

/** Installs the tarball and gives the command that `npx triagem` runs in that folder. */
function installPackage() {
  const app = join(folder, 'app')
  mkdirSync(app)
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], options)
  const [{ filename, files }] = JSON.parse(packed)
  const unwanted = files.filter(({ path }) => /^dist\/(test\/|bench\/|\.)/.test(path))
  assert.deepEqual(unwanted, [], 'the package must hold no tests, benches or build state')
  writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true }))
  const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', ['install', ...flags, join(folder, filename)], { ...options, cwd: app })
  return { app, command: join(app, 'node_modules/.bin/triagem') }
}

/** A user's first start: no setting but where to keep things and, so that many can run at once, free ports. */
async function start({ app, command }) {
  const port = await freePort()
  const child = spawn(command, ['start'], {
    cwd: app,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TRIAGEM_CI_RUN: process.env.TRIAGEM_CI_RUN ?? '',
      DATA_DIR: join(folder, 'data'),
      PORT: String(port),
      TEMPORAL_PORT: String(await freePort()),
      TEMPORAL_UI_PORT: String(await freePort()),
    },
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  child.on('error', (error) => (output += error.message))
  return { child, origin: `http://127.0.0.1:${port}` }
}

const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null

/** Asks again every `everyMs` until `ask` gives a value; the server must stay up meanwhile. */
async function until(what, child, everyMs, withinMs, ask) {
  const deadline = Date.now() + withinMs
  for (;;) {
    assert.ok(!hasEnded(child), `the server ended while waiting for ${what}`)
    const value = await ask().catch(() => undefined)
    if (value !== undefined) return value
    assert.ok(Date.now() < deadline, `no ${what} within ${withinMs} ms`)
    await pause(everyMs)
  }
}

async function runOneJob(origin, child) {
  const response = await fetch(`${origin}/classify-email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      text: 'Bom dia, o sistema não aceita minha senha desde ontem. Podem verificar e me responder até sexta?',
    }),
  })
  assert.equal(response.status, 200, 'POST /classify-email')
  const { job_id: jobId } = await response.json()
  // Not faster than the 500 ms that the server allows.
  const job = await until('finished job', child, 1000, JOB_WITHIN_MS, async () => {
    const state = await (await fetch(`${origin}/job-status/${jobId}`)).json()
    return ['completed', 'failed'].includes(state.status) ? state : undefined
  })
  assert.equal(job.status, 'completed', JSON.stringify(job))
  assert.equal(job.result.category, 'Produtivo', JSON.stringify(job.result))
}

/** Every process below this one, however deep, as `pid:start time`: a number alone may come to mean another. */
function descendants(pid) {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(name) ?? [])
  const below = (parent) =>
    processes
      .filter((one) => one.parent === parent)
      .flatMap((one) => [`${one.pid}:${one.started}`, ...below(one.pid)])
  return below(pid)
}

function readStat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; the fields after it are numbers, the state first.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z'
      ? undefined
      : { pid: Number(pid), parent: Number(fields[1]), started: fields[19] }
  } catch {
    return undefined // it ended meanwhile
  }
}

const isAlive = (id) => {
  const [pid, started] = id.split(':')
  return readStat(pid)?.started === started
}

async function stop(child) {
  const children = descendants(child.pid)
  assert.ok(children.length > 0, 'the server was expected to run Temporal as a child')
  const asked = Date.now()
  child.kill('SIGTERM')
  while (!hasEnded(child) && Date.now() - asked < STOPPED_WITHIN_MS) await pause(50)
  assert.ok(hasEnded(child), `still running ${STOPPED_WITHIN_MS} ms after SIGTERM`)
  console.log(`Stopped after ${Date.now() - asked} ms, with ${children.length} child processes.`)
  assert.equal(child.exitCode, 0, 'exit code after SIGTERM')
  assert.deepEqual(children.filter(isAlive), [], 'child processes that outlived the server')
}

function endAll(child) {
  const ids = hasEnded(child) ? [] : descendants(child.pid)
  child.kill('SIGKILL')
  for (const id of ids.filter(isAlive)) process.kill(Number(id.split(':')[0]), 'SIGKILL')
}

let server
try {
  server = await start(installPackage())
  const { child, origin } = server
  const began = Date.now()
  await until('GET /health 200', child, 250, HEALTHY_WITHIN_MS, async () => {
    const response = await fetch(`${origin}/health`)
    return response.status === 200 ? response : undefined
  })
  console.log(`Healthy after ${Date.now() - began} ms.`)
  await runOneJob(origin, child)
  await stop(child)
} catch (error) {
  console.log(error.message)
  console.log(output.slice(-10_000))
  process.exitCode = 1
} finally {
  if (server !== undefined) endAll(server.child)
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
}
