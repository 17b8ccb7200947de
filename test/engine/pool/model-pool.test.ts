import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import {
  createModelPool,
  type ModelPool,
  type ModelPoolOptions,
} from '../../../engine/pool/model-pool.js'
import { decodePredictions } from '../../../engine/pool/predictions.js'
import { makeDenseModelFile, makeModelFile } from '../../support/models.js'
import { waitUntil } from '../../support/wait-until.js'

const threadFile = fileURLToPath(new URL('./test-thread.js', import.meta.url))

describe('ModelPool', function () {
  this.timeout(60_000)
  let pool: ModelPool
  afterEach(() => pool.close())

  const open = (options: ModelPoolOptions = {}) => {
    pool = createModelPool({ threads: 1, threadFile, ...options })
  }
  const model = { name: 'a model', bytes: Buffer.from('v1') }
  const sleeping = [{ text: 'sleep' }]
  const learnInput = { task: 'texts' as const, samples: [], made: '2026-01-02', sources: [] }

  it('classifies samples in their order', async () => {
    open({ threads: 2 })
    const samples = Array.from({ length: 12_001 }, (_, at) => ({
      text: at % 2 === 0 ? 'ação' : 'a text of some length',
      amount: at % 3 === 0 ? 0.25 : 1,
    }))
    const shares: number[] = []
    const onProgress = (_: string, share: number) => void shares.push(share)
    const predictions = await pool.predict(model, samples, { onProgress })
    assert.equal(predictions.length, samples.length)
    assert.deepEqual(predictions.slice(0, 2), [
      { label: 'short', confidence: 0.25, needsReview: true, isFamiliar: true },
      { label: 'long', confidence: 1, needsReview: false, isFamiliar: true },
    ])
    for (const [at, prediction] of predictions.entries())
      assert.equal(prediction?.label, at % 2 === 0 ? 'short' : 'long')
    assert.deepEqual([shares.length, shares.at(-1)], [3, 1])
    assert.deepEqual(await pool.predict(model, []), [])
  })

  it('takes bytes and gives bytes, with nothing in the place of a bad item', async () => {
    open()
    const items = [
      { id: 7, text: 'one' },
      { text: 'bad' },
      { id: 9 },
      null,
      { text: '', amount: 'x' },
    ]
    const bytes = await pool.predictBytes(model, Buffer.from(JSON.stringify(items)))
    const labels = decodePredictions(bytes).map((prediction) => prediction?.label)
    assert.deepEqual(labels, ['short', undefined, undefined, undefined, 'short'])
    await assert.rejects(pool.predictBytes(model, Buffer.from('{}')), /no list/)
  })

  it('opens a model once in a thread, and keeps the few asked for last', async () => {
    open()
    const version = async (name: string) =>
      (await pool.readCard({ name, bytes: Buffer.from(name) })).version
    const names = ['v1', 'v1', 'v2', 'v3', 'v1', 'v4', 'v2']
    const versions: string[] = []
    for (const name of names) versions.push(await version(name))
    assert.deepEqual(
      versions.map((text) => Number(text.split(' ').at(-1))),
      [1, 1, 2, 3, 1, 4, 5],
    )
  })

  it('names a model that can not be read, and goes on', async () => {
    open()
    const damaged = { name: 'texts 7', bytes: Buffer.from('damaged') }
    await assert.rejects(pool.predict(damaged, [{ text: 'a' }]), /^Error: texts 7: damaged/)
    assert.equal((await pool.predict(model, [{ text: 'a' }])).length, 1)
  })

  it('says of a model file what is wrong with it', async () => {
    pool = createModelPool({ threads: 1 })
    const damaged = makeModelFile('v1').fill(0, 20, 30)
    const flaws: Readonly<Record<string, readonly [bytes: Buffer, message: RegExp]>> = {
      not_a_model: [Buffer.from('x'), /^ModelFileError: m: not a model file/],
      damaged: [damaged, /^ModelFileError: m: damaged/],
      other_embedding: [makeDenseModelFile('v1'), /^ModelFileError: m: .* somebody-elses-1/],
    }
    for (const [flaw, [bytes, message]] of Object.entries(flaws)) {
      await assert.rejects(pool.readCard({ name: 'm', bytes }), { flaw })
      await assert.rejects(pool.readCard({ name: 'm', bytes }), message)
    }
    const whole = { name: 'm', bytes: makeModelFile('v1') }
    assert.equal((await pool.readCard(whole)).version, 'v1')
  })

  it('ends the work of a signal, its thread with it, and goes on', async () => {
    open()
    await pool.predict(model, [{ text: 'a' }])
    const stop = new AbortController()
    const asked = pool.predict(model, sleeping, { signal: stop.signal })
    const next = pool.predict(model, [{ text: 'waits' }])
    stop.abort()
    await assert.rejects(asked, { name: 'AbortError' })
    assert.equal((await next)[0]?.label, 'short')
    assert.equal(pool.threads(), 1)
  })

  it('lets who gives up waiting go at once', async () => {
    open()
    const [stop, giveUp] = [new AbortController(), new AbortController()]
    const asked = pool.predict(model, sleeping, { signal: stop.signal })
    const waiting = pool.predict(model, [{ text: 'a' }], { signal: giveUp.signal })
    const last = pool.predict(model, [{ text: 'b' }])
    giveUp.abort()
    await assert.rejects(waiting, { name: 'AbortError' })
    await assert.rejects(pool.predict(model, sleeping, { signal: giveUp.signal }), {
      name: 'AbortError',
    })
    stop.abort()
    await assert.rejects(asked, { name: 'AbortError' })
    assert.equal((await last).length, 1)
  })

  it('learns and cross-validates, with progress, and can be stopped', async () => {
    open()
    const seen: [string, number][] = []
    const watch = { onProgress: (...progress: [string, number]) => void seen.push(progress) }
    const samples = [{ text: 'a', label: 'x' }]
    const learned = await pool.learn({ ...learnInput, samples }, watch)
    assert.ok(Buffer.isBuffer(learned.bytes))
    assert.deepEqual([learned.bytes.toString(), learned.card.task], ['learned', 'texts'])
    const rows = await pool.crossValidate({ task: 'texts', samples, folds: 2 }, watch)
    assert.deepEqual(
      rows.map(({ truth }) => truth),
      ['x'],
    )
    assert.deepEqual(seen, [
      ['Learning', 0.5],
      ['Fold 1', 0.5],
      ['Fold 2', 1],
    ])
    const stop = new AbortController()
    const long = pool.learn(learnInput, { signal: stop.signal, onProgress: () => stop.abort() })
    await assert.rejects(long, { name: 'AbortError' })
  })

  it('classifies while something is being learned', async () => {
    open()
    const stop = new AbortController()
    const long = pool.learn(learnInput, { signal: stop.signal })
    assert.equal((await pool.predict(model, [{ text: 'a' }])).length, 1)
    stop.abort()
    await assert.rejects(long, { name: 'AbortError' })
  })

  it('fails the work of a thread that fills its memory, and goes on', async () => {
    open({ heapLimitMb: { predicting: 64, learning: 64 } })
    await assert.rejects(pool.predict(model, [{ text: 'full' }]), {
      code: 'ERR_WORKER_OUT_OF_MEMORY',
    })
    assert.equal((await pool.predict(model, [{ text: 'a' }])).length, 1)
  })

  it('has no threads before it has work, nor when that is long done', async () => {
    open({ idleTimeoutMs: 50 })
    assert.equal(pool.threads(), 0)
    await pool.predict(model, [{ text: 'a' }])
    assert.equal(pool.threads(), 1)
    await waitUntil('the idle thread has ended', () => pool.threads() === 0)
    assert.equal((await pool.predict(model, [{ text: 'a' }])).length, 1)
  })

  it('leaves the event loop alone, and works below its priority', async () => {
    open()
    const stop = new AbortController()
    await pool.predict(model, [{ text: 'a' }])
    const loopDelay = monitorEventLoopDelay({ resolution: 5 })
    loopDelay.enable()
    const asked = pool.predict(model, sleeping, { signal: stop.signal })
    await waitUntil('the loop was watched', () => loopDelay.count > 50)
    loopDelay.disable()
    if (process.platform === 'linux')
      assert.ok(
        threadNiceness().some((nice) => nice >= 15),
        'a thread that yields',
      )
    stop.abort()
    await assert.rejects(asked, { name: 'AbortError' })
  })

  it('ends what is under way when it is closed', async () => {
    open()
    const asked = pool.predict(model, sleeping)
    await Promise.all([assert.rejects(asked), pool.close()])
    assert.equal(pool.threads(), 0)
  })

  it('begins nothing more once it is closed', async () => {
    open()
    const asked = [pool.predict(model, sleeping), pool.predict(model, [{ text: 'a' }])]
    await Promise.all([...asked.map((one) => assert.rejects(one)), pool.close()])
    await assert.rejects(pool.readCard(model), /closed/)
    assert.equal(pool.threads(), 0)
  })

  it('outlives a thread that is ended while it loads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'triagem-thread-'))
    try {
      const threadFile = writeSlowModules(folder)
      for (let turn = 0; turn < 8; turn++) {
        open({ threadFile })
        const asked = assert.rejects(pool.predict(model, [{ text: 'a' }]), /terminat|destroy/iu)
        await delay(50 * turn)
        await Promise.all([asked, pool.close()])
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('reads a card while everything else is busy', async () => {
    open()
    const stop = new AbortController()
    const asked = pool.predict(model, sleeping, { signal: stop.signal })
    assert.match((await pool.readCard(model)).version, /^v1/)
    stop.abort()
    await assert.rejects(asked, { name: 'AbortError' })
  })
})

/** Field 19 of stat (proc_pid_stat(5)), counted from behind the name. */
const threadNiceness = (): number[] =>
  readdirSync('/proc/self/task').map((id) => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
  })

/** Modules that take half a second to link: every one of 10,000 names is looked for in 100 modules. */
function writeSlowModules(folder: string): string {
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), lines.join('\n'))
  const parts = Array.from({ length: 100 }, (_, part) => ({
    file: `part${part}.js`,
    names: Array.from({ length: 100 }, (_, at) => `name${part}_${at}`),
  }))
  write('package.json', ['{ "type": "module" }'])
  for (const { file, names } of parts)
    write(
      file,
      names.map((name) => `export const ${name} = 0`),
    )
  write(
    'all.js',
    parts.map(({ file }) => `export * from './${file}'`),
  )
  const names = parts.flatMap(({ names }) => names).join(', ')
  write('thread.js', [
    `import { ${names} } from './all.js'`,
    // Never done: whatever ends it is the end of the thread.
    'export const predict = () => new Promise(() => void name0_0)',
  ])
  return join(folder, 'thread.js')
}
