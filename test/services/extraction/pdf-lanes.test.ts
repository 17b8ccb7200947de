import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import {
  createPdfReaders,
  defaultPdfLanes,
  type PdfReaders,
} from '../../../services/extraction/pdf-readers.js'
import { createFakeReaders } from './fake-pdf-reader.js'

const limits = { maxPages: 10, maxCharacters: 1000 }
const { quick, slow } = defaultPdfLanes

describe('the lanes of PDF readers', () => {
  let fakes: ReturnType<typeof createFakeReaders>
  let readers: PdfReaders
  let loaded: string[]
  let states: Record<string, { waiting: number; readers: number }>
  beforeEach(() => {
    fakes = createFakeReaders(quick.maxResidentMb)
    loaded = []
    states = {}
    readers = createPdfReaders({
      limits,
      startReader: fakes.start,
      onChange: (lane, state) => {
        states[lane] = state
      },
    })
  })
  afterEach(() => readers.close())

  const read = async (caller: string, name: string, signal?: AbortSignal): Promise<string> => {
    const load = () => {
      loaded.push(name)
      return Promise.resolve(Buffer.from(name))
    }
    return (await readers.read({ caller, load, signal })).text
  }
  /** Some are still waiting when the test closes the readers. */
  const readAll = (caller: string, names: readonly string[]): void => {
    for (const name of names) read(caller, name).catch(() => undefined)
  }
  const turn = async () => {
    await setImmediate()
    fakes.finish()
    await setImmediate()
  }

  it('let a quick file of another caller pass all slow ones but those that are read', async () => {
    readAll(
      'a',
      Array.from({ length: 20 }, (_, index) => `slow ${index}`),
    )
    const small = read('b', 'small')
    await turn()
    await turn()
    assert.equal(await small, 'small')
    assert.deepEqual(loaded.slice(0, 3), ['slow 0', 'slow 1', 'small'])
  })

  it('let a quick file of the same caller pass the slow lane', async () => {
    readAll('a', ['slow 0', 'slow 1', 'slow 2', 'slow 3'])
    const small = read('a', 'small')
    for (let turns = 0; turns < 3; turns++) await turn()
    assert.equal(await small, 'small')
  })

  it('begin anew with more memory what passed the bounds of the quick lane', async () => {
    const text = read('a', 'slow')
    await turn()
    await turn()
    assert.equal(await text, 'slow')
    assert.deepEqual(fakes.read, ['slow', 'slow'])
    assert.deepEqual(
      fakes.started.map(({ maxResidentMb }) => maxResidentMb),
      [quick.maxResidentMb, slow.maxResidentMb],
    )
  })

  it('load no file before its turn, and say how many wait', async () => {
    readAll('a', ['one', 'two', 'three', 'four'])
    await setImmediate()
    assert.deepEqual(loaded, ['one', 'two'])
    assert.deepEqual(states['quick'], { waiting: 2, readers: 2 })
  })

  it('have readers of 1 GB together at their defaults', () => {
    const total = Object.values(defaultPdfLanes).reduce(
      (sum, { maxReaders, maxResidentMb }) => sum + maxReaders * maxResidentMb,
      0,
    )
    assert.equal(total, 1024)
  })

  it('let go what is aborted while it waits', async () => {
    readAll('a', ['one', 'two'])
    const abort = new AbortController()
    const third = read('b', 'three', abort.signal)
    abort.abort(new Error('cancelled'))
    await assert.rejects(third, { message: 'cancelled' })
    await turn()
    assert.deepEqual(loaded, ['one', 'two'])
  })

  it('reject what waits and what is read when they are closed', async () => {
    const all = ['one', 'two', 'three'].map((name) => read('a', name))
    const rejected = all.map((reading) => assert.rejects(reading, /are closed/))
    await readers.close()
    await Promise.all(rejected)
    await assert.rejects(read('a', 'late'), /are closed/)
  })

  it('end a turn whose file can not be loaded', async () => {
    const failing = readers.read({ caller: 'a', load: () => Promise.reject(new Error('gone')) })
    await assert.rejects(failing, { message: 'gone' })
    const text = read('a', 'next')
    await turn()
    assert.equal(await text, 'next')
  })
})
