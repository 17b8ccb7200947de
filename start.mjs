// `node start.mjs start|test|build|bench [arguments]`: does all the set-up that the command needs,
// then hands over. Plain JavaScript without dependencies: it runs before there are any.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const dist = join(root, 'dist')
const hashFile = join(dist, '.build-hash')
const parentCheckMs = 500
/** Whoever doesn't end by then is killed. */
const endTimeoutMs = 2_000
const lockSilenceMs = 15_000

/** What can't be had: its message is one sentence that says what to do. */
class SetUpError extends Error {}

const commands = {
  start: async (args) => (await load('cli.js')).main(['start', ...args]),
  test: (args) => runMocha(args),
  build: () => 0,
  bench: async (args) => (await load('bench/main.js')).main(args),
}

async function main([name = '', ...args]) {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    throw new SetUpError(`Say which: node start.mjs ${Object.keys(commands).join('|')}.`)
  }
  // A shipped package has no sources: it is built, and whoever installed it installed the rest.
  if (fs.existsSync(join(root, 'tsconfig.json'))) await untilStopped(() => setUp(name === 'start'))
  return command(args)
}

/**
 * npm passes signals on, but one that is killed can't: then this process ends as if asked to, whatever it is at. Without
 * this a Temporal server would stay behind.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, parentCheckMs)
  timer.unref()
}

/** Of the set-up; each leads a process group, so that what it started in turn is ended with it. */
const children = new Set()
/** The lock that this process holds. */
let heldLock
let isStopping = false

/** A stop in the midst of the set-up ends all that it started, and this process with the code of the signal. */
async function untilStopped(work) {
  const stop = async (signal) => {
    if (isStopping) return
    isStopping = true
    await Promise.all([...children].map(endGroup))
    if (heldLock !== undefined) fs.rmSync(heldLock, { force: true })
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    await work()
  } finally {
    // Of a step that failed: what ran beside it.
    await Promise.all([...children].map(endGroup))
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

async function endGroup(child) {
  const closed = new Promise((resolve) => child.once('close', resolve))
  signalGroup(child, 'SIGTERM')
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), endTimeoutMs)
  await closed
  clearTimeout(timer)
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    // It has just ended by itself.
    if (error.code !== 'ESRCH') throw error
  }
}

function checkNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  // As `engines` in package.json.
  if (major >= 24 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19)) return
  throw new SetUpError(
    `Node ${process.versions.node} will not do: install Node 24 (https://nodejs.org; 22.13 and 20.19 or later of these lines do too) and run this again.`,
  )
}

/**
 * @param isStart for a start a Temporal server is fetched beside the build, where there is none, and types, which take
 *   half of the time of tsc, are not checked: whoever changes a source tests or builds it
 */
async function setUp(isStart) {
  const isBuilt = (sources) =>
    [sources, ...(isStart ? [unchecked(sources)] : [])].includes(readIfThere(hashFile))
  if (dependenciesAreInstalled() && isBuilt(hashSources())) return
  await withSetUpLock(async () => {
    if (!dependenciesAreInstalled()) await installDependencies()
    const sources = hashSources()
    if (!isBuilt(sources)) await build(sources, isStart)
  })
}

const unchecked = (sources) => `${sources} unchecked`

/** npm's own account of what it installed, written last, against what the lock file asks for. */
function dependenciesAreInstalled() {
  const wanted = readPackages(join(root, 'package-lock.json'))
  const present = readPackages(join(root, 'node_modules', '.package-lock.json'))
  if (wanted === undefined || present === undefined) return false
  const same = (path) =>
    present[path] === undefined
      ? wanted[path].optional === true
      : present[path].version === wanted[path].version &&
        present[path].integrity === wanted[path].integrity
  return (
    Object.keys(wanted).every((path) => path === '' || same(path)) &&
    Object.keys(present).every((path) => wanted[path] ?? present[path].optional)
  )
}

function readPackages(file) {
  const text = readIfThere(file)
  try {
    return text === undefined ? undefined : JSON.parse(text).packages
  } catch {
    return undefined
  }
}

/**
 * `npm install` by the lock file, not `npm ci`: that refuses a lock file which lacks some system's
 * optional packages (as one does that was written where the registry has only this system's), and
 * it takes the modules away from under a server that runs. What `npm ci` guards is looked at after.
 */
async function installDependencies() {
  const account = join(root, 'node_modules', '.package-lock.json')
  // npm takes a package that a killed run left half unpacked for a whole one.
  const wasWhole = fs.existsSync(account)
  fs.rmSync(wasWhole ? account : join(root, 'node_modules'), { recursive: true, force: true })
  // npm's own waits (10 s, then 60 s, for each package) make a registry out of reach take minutes.
  const retries = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-factor=2']
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  const args = ['install', '--no-save', '--include=dev', '--prefer-offline', ...quiet, ...retries]
  // Under `npm start` npm names its own script; without it, PATH does.
  const npmScript = process.env.npm_execpath
  const npm = /npm-cli\.[cm]?js$/.test(npmScript ?? '') ? [process.execPath, npmScript] : ['npm']
  await step('Installing dependencies (npm)', [...npm, ...args], (output) => {
    const reason = /npm (?:error|ERR!) code (\S+)/.exec(output)?.[1] ?? lastLine(output)
    return `The dependencies could not be installed (${reason}): check that npm is there and reaches its registry (\`npm ping\`), then run this again.`
  })
  if (!dependenciesAreInstalled()) {
    throw new SetUpError(
      'What npm installed is not what package-lock.json says: take it and package.json from the same commit, then run this again.',
    )
  }
}

async function build(sources, isStart) {
  // Without the note that the last build was whole, what it left is not built upon.
  if (!fs.existsSync(hashFile)) fs.rmSync(join(dist, '.tsbuildinfo'), { force: true })
  fs.rmSync(hashFile, { force: true })
  const node = process.execPath
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const options = ['--project', root, ...(isStart ? ['--noCheck'] : [])]
  await step('Compiling (tsc)', [node, tsc, ...options], (output) => {
    console.error(output)
    return 'The sources do not compile: mend what tsc says above, then run this again.'
  })
  removeOutputWithoutSource(dist)
  const cli = join(dist, 'cli.js')
  // Where it can't be had, the start says so.
  const fetched = isStart ? runChild(node, [cli, 'fetch-temporal'], 'pipe') : undefined
  const explain = () =>
    'The workflow bundle or the models could not be built: see the lines above, then run this again.'
  const assets = [node, cli, 'build-assets']
  await step('Building the workflow bundle and the models', assets, explain, 'inherit')
  fs.writeFileSync(hashFile, isStart ? unchecked(sources) : sources)
  await fetched
}

/** What was compiled from a file that is gone must neither run as a test nor ship. */
function removeOutputWithoutSource(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) removeOutputWithoutSource(path)
    const source = /^(.*)\.([cm]?)js(\.map)?$/.exec(relative(dist, path))
    if (!entry.isFile() || source === null) continue
    if (!fs.existsSync(join(root, `${source[1]}.${source[2]}ts`))) fs.rmSync(path)
  }
}

function hashSources() {
  const hash = createHash('sha256')
  for (const file of listSources(root)) {
    const path = relative(root, file).split(sep).join('/')
    const content = fs.readFileSync(file)
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

function listSources(folder) {
  const ignored =
    folder === root ? /^(\..*|node_modules|dist.*|data|coverage)$/ : /^(\..*|node_modules)$/
  const inExamples = relative(root, folder).split(sep).includes('examples')
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() || !ignored.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return listSources(path)
      return entry.isFile() && (inExamples || /\.([cm]?ts|json)$/.test(entry.name)) ? [path] : []
    })
}

/** Runs one step as a child: a line at its start, on which a terminal sees the seconds pass. */
async function step(title, [program, ...args], explain, output = 'pipe') {
  const since = Date.now()
  const { stdout } = process
  const tell = () => stdout.write(`\r${title}… ${Math.floor((Date.now() - since) / 1000)} s`)
  if (!stdout.isTTY) console.log(`${title}…`)
  else tell()
  const ticking = stdout.isTTY ? setInterval(tell, 1_000) : undefined
  const { code, said } = await runChild(program, args, output)
  clearInterval(ticking)
  if (stdout.isTTY) stdout.write('\n')
  if (code !== 0) throw new SetUpError(explain(said))
}

/** `output` is 'inherit' where the child tells its own progress; otherwise it is kept for a failure. */
function runChild(program, args, output) {
  return new Promise((resolve) => {
    const options = { cwd: root, stdio: ['ignore', output, output], detached: true }
    const child = spawn(program, args, options)
    children.add(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => (said = (said + chunk).slice(-100_000)))
    }
    const end = (code, message) => {
      children.delete(child)
      // Nothing comes after a step in whose midst the set-up is stopped.
      if (!isStopping) resolve({ code, said: message })
    }
    child.once('error', (error) => end(1, error.message))
    child.once('close', (code) => end(code ?? 1, said.trim()))
  })
}

/**
 * One set-up at a time in this folder: `npm start` and `npm test` begun together on a fresh clone
 * must not install over each other. A lock whose owner is gone or silent is no lock. It is not the lock of
 * DATA_DIR (data-dir-lock.ts): that one needs compiled code and libraries, which are not there yet, and may
 * not be lost to silence, while two set-ups that overlap by mistake only write the same.
 */
async function withSetUpLock(work) {
  const lock = join(root, '.cache', 'set-up.lock')
  fs.mkdirSync(dirname(lock), { recursive: true })
  for (let told = false; !takeLock(lock); told = true) {
    if (!told) console.log('Waiting for another set-up in this folder…')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  heldLock = lock
  const alive = setInterval(() => touch(lock), 2_000)
  try {
    await work()
  } finally {
    clearInterval(alive)
    heldLock = undefined
    fs.rmSync(lock, { force: true })
  }
}

function touch(lock) {
  try {
    fs.utimesSync(lock, new Date(), new Date())
  } catch (error) {
    // Taken from us while this machine slept: both builds write the same.
    if (error.code !== 'ENOENT') throw error
  }
}

function takeLock(lock) {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  const silentMs = Date.now() - (fs.statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  if (isRunning(Number(readIfThere(lock))) && silentMs < lockSilenceMs) return false
  // Of several that find it stale one moves it away; the others find nothing or a new one.
  try {
    fs.renameSync(lock, `${lock}.${process.pid}`)
    fs.rmSync(`${lock}.${process.pid}`)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  return false
}

function isRunning(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function runMocha(args) {
  const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js')
  if (!fs.existsSync(mocha) || !fs.existsSync(join(root, '.mocharc.json'))) {
    throw new SetUpError(
      'This package comes without its tests: run them in a clone of the repository.',
    )
  }
  const child = spawn(process.execPath, [mocha, ...args], { cwd: root, stdio: 'inherit' })
  // Ctrl-C reaches mocha by itself, and a second one would cut its clean-up short.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

function load(file) {
  const path = join(dist, file)
  if (fs.existsSync(path)) return import(pathToFileURL(path).href)
  throw new SetUpError(`${join('dist', file)} is not there: run this in a clone of the repository.`)
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) || 'it said nothing'
}

try {
  endWithNpm()
  checkNodeVersion()
  // At once, as the command itself does (cli.ts): what a failed start leaves open, Temporal's native threads among it,
  // would hold the process for ever, and no supervisor would start it again.
  process.exit((await main(process.argv.slice(2))) ?? 0)
} catch (error) {
  // A sentence for what a user can mend; anything else is a fault of ours and keeps its stack.
  console.error(error instanceof SetUpError ? error.message : error)
  process.exit(1)
}
