import assert from 'node:assert/strict'
import { pino } from 'pino'
import type { SocketChannel } from '../../../api/live/socket-channel.js'
import { createStateFeed } from '../../../api/live/state-feed.js'
import type { StateFeedTiming } from '../../../api/live/state-follower.js'
import type { StateFeedSource } from '../../../api/live/state-source.js'
import type { StateView } from '../../../api/live/state-view.js'
import { type Notifications, openNotifications } from '../../../db/notifications.js'
import { openTestDatabase } from '../../support/database.js'
import { type GatedDatabase, putBehindGate } from '../../support/gated-database.js'
import { waitUntil } from '../../support/wait-until.js'
import { createFakeSockets, type FakeSocket } from '../support/fake-sockets.js'
import {
  createThings,
  createThingSource,
  createThingView,
  dropThings,
  notifyThing,
  type Thing,
  thing,
  type ThingRow,
  thingsChannel,
  toPayload,
  writeThing,
} from '../support/followed-things.js'

/** Silence brings nothing about within a test. */
const never = { tickMs: 10, silenceMs: 3_600_000, waitingSilenceMs: 3_600_000, quietMs: 0 }
const quick = { ...never, silenceMs: 40 }

/** A feed with sockets of its own, as a gateway has it. */
interface TestFeed extends SocketChannel {
  open(url: string, language?: string): FakeSocket
}

interface FeedOptions {
  readonly views?: readonly StateView<Thing, ThingRow>[]
  readonly source?: Partial<StateFeedSource<Thing, ThingRow>>
  readonly timing?: StateFeedTiming
}

describe('A state feed', () => {
  let database: GatedDatabase
  let feeds: TestFeed[]
  let listening: Notifications[]

  beforeEach(async () => {
    database = putBehindGate(await openTestDatabase())
    await dropThings(database.db)
    await createThings(database.db)
    feeds = []
    listening = []
  })
  afterEach(async () => {
    for (const feed of feeds) feed.close()
    for (const one of listening) await one.close()
    database.open()
    await dropThings(database.db)
  })

  /** Hears only what the test tells it. */
  function openFeed({
    views = [createThingView('first'), createThingView('second')],
    source = {},
    timing = never,
  }: FeedOptions = {}): TestFeed {
    const sockets = createFakeSockets()
    const channel = createStateFeed({
      source: createThingSource(database.db, source),
      views,
      log: pino({ level: 'silent' }),
      publish: (topic, text) => sockets.publish(topic, text),
      timing,
    })
    const feed: TestFeed = {
      ...channel,
      open: (url, language) => sockets.open(channel, url, language),
    }
    feeds.push(feed)
    return feed
  }

  /** Writes the state, and tells the feeds of it. */
  async function advance(row: ThingRow): Promise<void> {
    await writeThing(database.db, row)
    for (const feed of feeds) feed.onNotification(toPayload(row))
  }
  const hasFrames = (count: number, ...all: FakeSocket[]) =>
    waitUntil(`${count} frames each`, () => all.every(({ frames }) => frames.length >= count))
  const isClosed = (...all: FakeSocket[]) =>
    waitUntil('they are closed', () => all.every((socket) => socket.code() !== undefined))
  const seqs = ({ frames }: FakeSocket) => frames.map(({ seq }) => seq)

  it('shows one thing in two views at once, each in its own frames, and reads it once', async () => {
    const feed = openFeed()
    await writeThing(database.db, thing('t1'))
    const before = database.connections()
    const first = feed.open('/ws/first/t1')
    const second = feed.open('/ws/second/T1', 'en')
    await hasFrames(1, first, second)
    assert.equal(database.connections() - before, 1)
    await advance(thing('t1', { seq: 1, progress: 50 }))
    await advance(thing('t1', { seq: 2, phase: 'ended', result: 'done' }))
    await isClosed(first, second)
    for (const [socket, view, language] of [
      [first, 'first', 'pt'],
      [second, 'second', 'en'],
    ] as const) {
      assert.deepEqual(socket.frames, [
        { view, language, seq: 0, progress: 0 },
        { view, language, seq: 1, progress: 50 },
        { view, language, seq: 2, result: 'done' },
      ])
      assert.equal(socket.code(), 1000)
    }
  })

  it('makes a frame once for all sockets of one view and language', async () => {
    let rendered = 0
    const view = createThingView('first', {
      renderProgress: ({ seq }) => {
        rendered++
        return { seq }
      },
    })
    const feed = openFeed({ views: [view] })
    await writeThing(database.db, thing('t1'))
    const all = Array.from({ length: 30 }, (_, i) =>
      feed.open('/ws/first/t1', i % 2 === 0 ? 'pt' : 'en'),
    )
    await hasFrames(1, ...all)
    await advance(thing('t1', { seq: 1 }))
    assert.equal(rendered, 4)
    for (const socket of all) assert.deepEqual(seqs(socket), [0, 1])
  })

  it('goes on for one view when the last socket of the other leaves', async () => {
    const feed = openFeed()
    await writeThing(database.db, thing('t1'))
    const [leaves, stays] = [feed.open('/ws/first/t1'), feed.open('/ws/second/t1')]
    await hasFrames(1, leaves, stays)
    leaves.leave()
    await advance(thing('t1', { seq: 1 }))
    const again = feed.open('/ws/first/t1')
    assert.deepEqual([seqs(leaves), seqs(stays), seqs(again)], [[0], [0, 1], [1]])
    stays.leave()
    again.leave()
    await advance(thing('t1', { seq: 2 }))
    assert.deepEqual([seqs(stays), seqs(again)], [[0, 1], [1]])
  })

  describe('with a view that accepts one kind alone', () => {
    const onlyImports = createThingView('imports', { accepts: ({ kind }) => kind === 'import' })
    const views = [onlyImports, createThingView('all')]
    const refusal = { view: 'imports', language: 'pt', unknown: 't1' }

    const assertRefused = (socket: FakeSocket) => {
      assert.deepEqual(socket.frames, [refusal])
      assert.equal(socket.code(), 4404)
    }

    it('answers there for a thing of another kind as for none, whoever came first', async () => {
      const feed = openFeed({ views })
      await writeThing(database.db, thing('t1', { kind: 'training' }))
      const early = feed.open('/ws/imports/t1')
      const other = feed.open('/ws/all/t1')
      await isClosed(early)
      await hasFrames(1, other)
      // Its state is known by now.
      const late = feed.open('/ws/imports/t1')
      assertRefused(early)
      assertRefused(late)
      await advance(thing('t1', { kind: 'training', seq: 1 }))
      assert.deepEqual(seqs(other), [0, 1])
      assert.equal(other.code(), undefined)
    })

    it('answers so too where the thing is over, or where a notification comes before the row', async () => {
      const feed = openFeed({ views })
      await writeThing(database.db, thing('t1', { kind: 'training', phase: 'ended', result: 'x' }))
      const [late, shown] = [feed.open('/ws/imports/t1'), feed.open('/ws/all/t1')]
      await isClosed(late, shown)
      assertRefused(late)
      assert.equal(shown.frames[0]?.['result'], 'x')
      const notified = feed.open('/ws/imports/t1')
      feed.onNotification(toPayload(thing('t1', { kind: 'training', seq: 1 })))
      assertRefused(notified)
    })

    it('follows a thing no more once its only view has refused it', async () => {
      let reads = 0
      const source = createThingSource(database.db)
      const readRows = (ids: readonly string[]) => {
        reads++
        return source.readRows(ids)
      }
      const feed = openFeed({ views, source: { readRows } })
      await writeThing(database.db, thing('t1', { kind: 'training' }))
      await isClosed(feed.open('/ws/imports/t1'))
      feed.resync()
      await source.readRows([])
      assert.equal(reads, 1)
    })

    it('carries out no command on it, not even one that comes before its state is known', async () => {
      const told: string[] = []
      const run = (id: string) => Promise.resolve(told.push(id))
      const cancel = { run, failed: { pt: 'Não.', en: 'No.' } }
      const feed = openFeed({ views: [{ ...onlyImports, commands: { cancel } }] })
      await writeThing(database.db, thing('t1', { kind: 'training' }))
      await writeThing(database.db, thing('t2'))
      const refused = feed.open('/ws/imports/t1')
      const accepted = feed.open('/ws/imports/t2')
      for (const socket of [refused, accepted]) socket.say('{"type":"cancel"}')
      await isClosed(refused)
      await waitUntil('the command is carried out', () => told.length > 0)
      assert.deepEqual(told, ['t2'])
    })
  })

  it('understands in each view the commands of that view alone', async () => {
    const told: string[] = []
    const approve = {
      run: (id: string) => Promise.resolve(told.push(`approve ${id}`)),
      failed: { pt: 'Não aprovado.', en: 'Not approved.' },
    }
    const cancel = {
      run: () => Promise.reject(new Error('broken')),
      failed: { pt: 'Não cancelado.', en: 'Not cancelled.' },
    }
    const feed = openFeed({
      views: [
        createThingView('first', { commands: { approve, cancel } }),
        createThingView('second'),
      ],
    })
    await writeThing(database.db, thing('t1'))
    const first = feed.open('/ws/first/t1')
    const second = feed.open('/ws/second/t1', 'en')
    await hasFrames(1, first, second)
    for (const socket of [first, second]) socket.say('{"type":"approve"}')
    for (const text of ['{"type":"constructor"}', '{"type":1}', 'null']) first.say(text)
    first.say('{"type":"cancel"}')
    await hasFrames(5, first)
    assert.deepEqual(told, ['approve t1'])
    assert.deepEqual(
      second.frames.map(({ notice }) => notice),
      [undefined, 'second does not understand.'],
    )
    assert.deepEqual(
      first.frames.slice(1).map(({ notice, seq }) => [notice, seq]),
      [...Array<unknown>(3).fill(['first não entende.', 0]), ['Não cancelado.', 0]],
    )
  })

  it('closes with 1013 whoever can not take the last frame, and gives it to the others', async () => {
    const feed = openFeed()
    await writeThing(database.db, thing('t1'))
    const [slow, other] = [feed.open('/ws/first/t1'), feed.open('/ws/first/t1')]
    await hasFrames(1, slow, other)
    slow.stopReading()
    await advance(thing('t1', { seq: 1 }))
    await advance(thing('t1', { seq: 2, phase: 'ended', result: 'done' }))
    await isClosed(slow, other)
    assert.deepEqual([slow.code(), other.code()], [1013, 1000])
    assert.deepEqual([seqs(slow), seqs(other)], [[0], [0, 1, 2]])
    // It comes back, late.
    const again = feed.open('/ws/first/t1')
    await isClosed(again)
    assert.deepEqual(seqs(again), [2])
  })

  it('closes with 1011 the view whose last frame can not be made, and no other', async () => {
    const broken = createThingView('broken', {
      renderRow: () => {
        throw new Error('the key is gone')
      },
    })
    const feed = openFeed({ views: [broken, createThingView('sound')] })
    await writeThing(database.db, thing('t1', { phase: 'ended' }))
    const all = ['broken', 'sound'].map((view) => feed.open(`/ws/${view}/t1`))
    await isClosed(...all)
    assert.deepEqual(
      all.map((socket) => socket.code()),
      [1011, 1000],
    )
  })

  it('answers for what is no id, and for an id that there is not, with one frame and 4404', async () => {
    const feed = openFeed()
    const before = database.connections()
    const malformed = feed.open('/ws/first/x1')
    assert.equal(database.connections(), before)
    const missing = feed.open('/ws/first/t9', 'en')
    await isClosed(malformed, missing)
    assert.deepEqual(malformed.frames, [{ view: 'first', language: 'pt', unknown: 'x1' }])
    assert.deepEqual(missing.frames, [{ view: 'first', language: 'en', unknown: 't9' }])
    assert.deepEqual([malformed.code(), missing.code()], [4404, 4404])
  })

  it('finds by silence what a lost notification said, and ends what was closed outside', async () => {
    const closed = new Set<string>()
    const findState = ({ id }: { id: string }) =>
      Promise.resolve(closed.has(id) ? ('closed' as const) : ('running' as const))
    const feed = openFeed({ timing: quick, source: { findState } })
    await writeThing(database.db, thing('t1'))
    const socket = feed.open('/ws/first/t1')
    await hasFrames(1, socket)
    await writeThing(database.db, thing('t1', { seq: 3 }))
    await hasFrames(2, socket)
    closed.add('t1')
    await isClosed(socket)
    assert.deepEqual(seqs(socket), [0, 3, 4])
    assert.equal(socket.frames.at(-1)?.['result'], 'stopped')
  })

  it('looks up what waits for a person or a timer far less often than what is at work', async () => {
    const asked = new Map<string, number>()
    const findState = ({ id }: { id: string }) => {
      asked.set(id, (asked.get(id) ?? 0) + 1)
      return Promise.resolve('running' as const)
    }
    const feed = openFeed({ timing: quick, source: { findState } })
    await writeThing(database.db, thing('t1', { phase: 'waiting' }))
    await writeThing(database.db, thing('t2'))
    const [waits, works] = [feed.open('/ws/first/t1'), feed.open('/ws/first/t2')]
    await hasFrames(1, waits, works)
    await waitUntil('one is looked up often', () => (asked.get('t2') ?? 0) > 4)
    assert.equal(asked.get('t1'), undefined)
    // It goes on, and is looked up as the others are.
    await advance(thing('t1', { seq: 1 }))
    await waitUntil('it is looked up', () => (asked.get('t1') ?? 0) > 1)
  })

  it('looks up what waits too long all the same', async () => {
    const feed = openFeed({ timing: { ...never, waitingSilenceMs: 40 } })
    await writeThing(database.db, thing('t1', { phase: 'waiting' }))
    const socket = feed.open('/ws/first/t1')
    await hasFrames(1, socket)
    await writeThing(database.db, thing('t1', { seq: 1, phase: 'ended', result: 'done' }))
    await isClosed(socket)
    assert.deepEqual(seqs(socket), [0, 1])
  })

  it('tells the sockets of every gateway', async () => {
    const gateways = [openFeed(), openFeed()]
    for (const feed of gateways)
      listening.push(
        await openNotifications(database, [thingsChannel], {
          onNotification: (payload) => feed.onNotification(payload),
          onListening: () => feed.resync(),
          onError: () => undefined,
        }),
      )
    await writeThing(database.db, thing('t1'))
    const all = gateways.map((feed) => feed.open('/ws/first/t1'))
    await hasFrames(1, ...all)
    for (const row of [thing('t1', { seq: 1 }), thing('t1', { seq: 2, phase: 'ended' })]) {
      await writeThing(database.db, row)
      await notifyThing(database, row)
    }
    await isClosed(...all)
    for (const socket of all) assert.deepEqual(seqs(socket), [0, 1, 2])
  })

  it('tells what it missed once a database is back that was away', async () => {
    const feed = openFeed()
    for (const id of ['t1', 't2']) await writeThing(database.db, thing(id))
    const [moves, ends] = [feed.open('/ws/first/t1'), feed.open('/ws/second/t2')]
    await hasFrames(1, moves, ends)
    await writeThing(database.db, thing('t1', { seq: 5 }))
    await writeThing(database.db, thing('t2', { seq: 6, phase: 'ended', result: 'done' }))
    database.shut()
    const during = feed.open('/ws/second/t1')
    await waitUntil('a read has failed', () => database.refusals() > 0)
    database.open()
    feed.resync()
    await isClosed(ends)
    await hasFrames(2, moves)
    assert.deepEqual(
      [seqs(moves), seqs(ends)],
      [
        [0, 5],
        [0, 6],
      ],
    )
    // Told what was known while the database was away, then what is new.
    assert.deepEqual(seqs(during), [0, 5])
  })
})
