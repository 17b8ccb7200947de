import assert from 'node:assert/strict'
import { pino } from 'pino'
import { createEventFeed } from '../../../api/live/event-feed.js'
import type { EventFeedSource } from '../../../api/live/event-source.js'
import type { EventView } from '../../../api/live/event-view.js'
import type { SocketChannel } from '../../../api/live/socket-channel.js'
import { type Notifications, openNotifications } from '../../../db/notifications.js'
import { openTestDatabase } from '../../support/database.js'
import { type GatedDatabase, putBehindGate } from '../../support/gated-database.js'
import { waitUntil } from '../../support/wait-until.js'
import { createFakeSockets, type FakeSocket } from '../support/fake-sockets.js'
import {
  addEntry,
  admitName,
  createLists,
  createListSource,
  createListView,
  dismissName,
  dropLists,
  type ListEvent,
  type ListNews,
  listsChannel,
  notifyLists,
  startList,
} from '../support/watched-lists.js'

/** A feed with sockets of its own, as a gateway has it. */
interface TestFeed extends SocketChannel {
  open(url: string): FakeSocket
}

const epoch = 7
const her = '/ws/lists/news?name=Ana'
const his = '/ws/lists/news?name=Rui'

describe('An event feed', () => {
  let database: GatedDatabase
  let feeds: TestFeed[]
  let listening: Notifications[]

  beforeEach(async () => {
    database = putBehindGate(await openTestDatabase())
    await dropLists(database.db)
    await createLists(database.db)
    for (const name of ['Ana', 'Rui']) await admitName(database.db, name)
    await startList(database.db, 'news', epoch)
    feeds = []
    listening = []
  })
  afterEach(async () => {
    for (const feed of feeds) feed.close()
    for (const one of listening) await one.close()
    database.open()
    await dropLists(database.db)
  })

  /** Hears only what the test tells it. */
  function openFeed(
    source: Partial<EventFeedSource<string, ListEvent, ListNews, string>> = {},
    view: Partial<EventView<string, ListNews, string>> = {},
  ): TestFeed {
    const channel = createEventFeed({
      source: createListSource(database.db, source),
      view: createListView(view),
      log: pino({ level: 'silent' }),
      tickMs: 10,
    })
    const sockets = createFakeSockets()
    const feed = { ...channel, open: (url: string) => sockets.open(channel, url) }
    feeds.push(feed)
    return feed
  }

  /** Adds entries of which nobody is told. @returns what NOTIFY would have carried */
  async function lose(...texts: string[]): Promise<string[]> {
    const payloads: string[] = []
    for (const text of texts) payloads.push(await addEntry(database.db, 'news', text))
    return payloads
  }
  async function add(...texts: string[]): Promise<void> {
    for (const payload of await lose(...texts))
      for (const feed of feeds) feed.onNotification(payload)
  }
  const hasFrames = (count: number, ...all: FakeSocket[]) =>
    waitUntil(`${count} frames each`, () => all.every(({ frames }) => frames.length >= count))
  const isClosed = (...all: FakeSocket[]) =>
    waitUntil('they are closed', () => all.every((socket) => socket.code() !== undefined))
  const told = ({ frames }: FakeSocket) => frames.map(({ seq, text }) => [seq, text])
  const state = (seq: number) => [seq, null]

  it('tells the present state at once, then each change, to all who follow that list alone', async () => {
    const feed = openFeed()
    await lose('one')
    const all = [feed.open(her), feed.open(his), feed.open(his)]
    const other = feed.open('/ws/lists/other?name=Ana')
    await hasFrames(1, other, ...all)
    await add('two', 'three')
    for (const socket of all) assert.deepEqual(told(socket), [state(1), [2, 'two'], [3, 'three']])
    assert.deepEqual(all[0]!.frames[1], { epoch, seq: 2, text: 'two' })
    // Before the first change of a list its epoch is 0.
    assert.deepEqual(other.frames, [{ epoch: 0, seq: 0, text: null }])
  })

  it('describes and writes out a change once for all, and not at all for nobody', async () => {
    const counts = { described: 0, rendered: 0 }
    const feed = openFeed(
      {
        describeEvent: (event) => {
          counts.described++
          return event
        },
      },
      {
        render: (news) => {
          counts.rendered++
          return news
        },
      },
    )
    await add('nobody listens')
    const all = Array.from({ length: 20 }, () => feed.open(her))
    await hasFrames(1, ...all)
    await add('two')
    await hasFrames(2, ...all)
    assert.deepEqual(counts, { described: 1, rendered: 2 })
  })

  it('reads the lists of sockets that open in one turn together', async () => {
    const feed = openFeed()
    const before = database.connections()
    const all = Array.from({ length: 60 }, (_, i) => feed.open(`/ws/lists/l${i}?name=Ana`))
    await hasFrames(1, ...all)
    // Who may follow, and what there is.
    assert.equal(database.connections() - before, 2)
  })

  it('gives what was missed to whoever says how far it had come', async () => {
    const feed = openFeed()
    await lose('one', 'two', 'three')
    const some = feed.open(`${her}&since=1&epoch=${epoch}`)
    const none = feed.open(`${her}&since=3&epoch=${epoch}`)
    const all = feed.open(`${her}&since=0&epoch=0`)
    await hasFrames(1, some, none, all)
    assert.deepEqual(told(some), [[2, 'two'], [3, 'three'], state(3)])
    assert.deepEqual(told(none), [state(3)])
    assert.deepEqual(told(all), [[1, 'one'], [2, 'two'], [3, 'three'], state(3)])
    await add('four')
    for (const socket of [some, none, all]) assert.deepEqual(told(socket).at(-1), [4, 'four'])
  })

  it('gives the present state alone for a position that means nothing here', async () => {
    const feed = openFeed()
    await lose('one')
    const all = [
      `since=0&epoch=${epoch - 1}`,
      `since=9&epoch=${epoch}`,
      'since=0',
      `epoch=${epoch}`,
      `since=-1&epoch=${epoch}`,
      `since=1e0&epoch=${epoch}`,
    ].map((position) => feed.open(`${her}&${position}`))
    await hasFrames(1, ...all)
    await add('two')
    for (const socket of all) assert.deepEqual(told(socket), [state(1), [2, 'two']])
  })

  it('gives the newest hundred to whoever missed more, and the present state', async () => {
    const feed = openFeed()
    await lose(...Array.from({ length: 103 }, (_, i) => `n.º ${i + 1}`))
    const socket = feed.open(`${her}&since=0&epoch=0`)
    await hasFrames(101, socket)
    assert.deepEqual(told(socket)[0], [4, 'n.º 4'])
    assert.deepEqual(told(socket).slice(-2), [[103, 'n.º 103'], state(103)])
  })

  it('tells what a lost notification said when a later one leaves its number out', async () => {
    const feed = openFeed()
    const socket = feed.open(her)
    await hasFrames(1, socket)
    await lose('one', 'two')
    assert.equal(socket.frames.length, 1)
    await add('three')
    await hasFrames(5, socket)
    assert.deepEqual(told(socket), [state(0), [1, 'one'], [2, 'two'], [3, 'three'], state(3)])
  })

  it('tells it too when told that notifications were lost, and nothing where nothing was', async () => {
    const feed = openFeed()
    const [socket, other] = [feed.open(her), feed.open('/ws/lists/other?name=Ana')]
    await hasFrames(1, socket, other)
    await lose('one')
    feed.resync()
    await hasFrames(3, socket)
    feed.resync()
    await add('two')
    assert.deepEqual(told(socket), [state(0), [1, 'one'], state(1), [2, 'two']])
    assert.equal(other.frames.length, 1)
  })

  it('says nothing that is old, of another list, or no event at all', async () => {
    const feed = openFeed()
    const socket = feed.open(her)
    await hasFrames(1, socket)
    const payloads = await lose('one', 'two')
    for (const payload of [...payloads, ...payloads, payloads[0]!, '', 'null'])
      feed.onNotification(payload)
    feed.onNotification(JSON.stringify({ key: 'other', event: { epoch, seq: 3, text: 'x' } }))
    await add('three')
    assert.deepEqual(told(socket), [state(0), [1, 'one'], [2, 'two'], [3, 'three']])
  })

  it('reads the tables where a notification does not say what changed', async () => {
    const feed = openFeed()
    const socket = feed.open(her)
    await hasFrames(1, socket)
    await lose('too long for a notification')
    feed.onNotification(JSON.stringify({ key: 'news' }))
    await hasFrames(3, socket)
    assert.deepEqual(told(socket)[1], [1, 'too long for a notification'])
  })

  it('tells each change once to a reader that comes while changes are made', async () => {
    const feed = openFeed()
    const all: FakeSocket[] = []
    for (let i = 1; i <= 20; i++) {
      all.push(feed.open(`${her}&since=0&epoch=${epoch}`))
      await add(`n.º ${i}`)
    }
    await waitUntil('all know the last', () =>
      all.every(({ frames }) => frames.at(-1)?.['seq'] === 20),
    )
    const expected = Array.from({ length: 20 }, (_, i) => [i + 1, `n.º ${i + 1}`])
    for (const socket of all)
      assert.deepEqual(
        told(socket).filter(([, text]) => text !== null),
        expected,
      )
  })

  it('begins anew, with the present state alone, where the counting has another epoch', async () => {
    const feed = openFeed()
    const socket = feed.open(her)
    await hasFrames(1, socket)
    await add('one', 'two')
    // As after a backup was restored.
    await startList(database.db, 'news', epoch + 1)
    await add('another one')
    await hasFrames(4, socket)
    assert.deepEqual(socket.frames.at(-1), { epoch: epoch + 1, seq: 1, text: null })
    await add('another two')
    assert.deepEqual(socket.frames.at(-1), { epoch: epoch + 1, seq: 2, text: 'another two' })
    assert.equal(socket.frames.length, 5)
  })

  it('tells what was missed once a database is back that was away', async () => {
    const feed = openFeed()
    const before = feed.open(her)
    await hasFrames(1, before)
    await lose('one')
    database.shut()
    const during = feed.open(`${his}&since=0&epoch=0`)
    await waitUntil('some reads have failed', () => database.refusals() > 2)
    assert.deepEqual(during.frames, [])
    database.open()
    await hasFrames(2, during)
    await hasFrames(3, before)
    assert.deepEqual(told(before), [state(0), [1, 'one'], state(1)])
    assert.deepEqual(told(during), [[1, 'one'], state(1)])
    await add('two')
    for (const socket of [before, during]) assert.deepEqual(told(socket).at(-1), [2, 'two'])
  })

  it('tells the sockets of every gateway', async () => {
    const gateways = [openFeed(), openFeed()]
    for (const feed of gateways)
      listening.push(
        await openNotifications(database, [listsChannel], {
          onNotification: (payload) => feed.onNotification(payload),
          onListening: () => feed.resync(),
          onError: () => undefined,
        }),
      )
    const all = gateways.map((feed) => feed.open(her))
    await hasFrames(1, ...all)
    for (const payload of await lose('one', 'two')) await notifyLists(database, payload)
    await hasFrames(3, ...all)
    for (const socket of all) assert.deepEqual(told(socket), [state(0), [1, 'one'], [2, 'two']])
  })

  it('closes with 1008 those whose access ended, and tells them nothing more', async () => {
    const feed = openFeed()
    const [ends, stays] = [feed.open(her), feed.open(his)]
    await hasFrames(1, ends, stays)
    await dismissName(database.db, 'Ana')
    await lose('one')
    feed.onNotification(JSON.stringify({ key: 'news' }))
    await isClosed(ends)
    await hasFrames(3, stays)
    await add('two')
    assert.equal(ends.code(), 1008)
    assert.deepEqual(told(ends), [state(0)])
    assert.deepEqual(told(stays), [state(0), [1, 'one'], state(1), [2, 'two']])
    const late = feed.open(her)
    await isClosed(late)
    assert.deepEqual([late.code(), late.frames], [1008, []])
  })

  it('tells nobody whose access was not looked at', async () => {
    let arrive = (): void => undefined
    const source = createListSource(database.db)
    const feed = openFeed({
      readPresent: async (keys) => {
        arrive()
        return await source.readPresent(keys)
      },
    })
    let stranger: FakeSocket | undefined
    // Between the look at the access of those who are there and the look at the list.
    arrive = () => {
      stranger ??= feed.open('/ws/lists/news?name=Eva')
    }
    const socket = feed.open(her)
    await hasFrames(1, socket)
    await isClosed(stranger!)
    assert.deepEqual([stranger!.code(), stranger!.frames], [1008, []])
  })

  it('lets go with 1013 whoever is too far behind, and gives it the rest when it comes back', async () => {
    const feed = openFeed()
    const [slow, other] = [feed.open(her), feed.open(her)]
    await hasFrames(1, slow, other)
    await add('one')
    slow.stopReading()
    await add('two', 'three')
    assert.equal(slow.code(), 1013)
    assert.deepEqual(told(other), [state(0), [1, 'one'], [2, 'two'], [3, 'three']])
    const again = feed.open(`${her}&since=1&epoch=${epoch}`)
    await hasFrames(3, again)
    assert.deepEqual(told(again), [[2, 'two'], [3, 'three'], state(3)])
  })

  it('closes with 1008 who is not let in, and with 1011 where that could not be judged', async () => {
    const feed = openFeed()
    const failing = openFeed({}, { admit: () => () => Promise.reject(new Error('broken')) })
    const before = database.connections()
    const all = [feed.open('/ws/lists/news'), failing.open(her)]
    await isClosed(...all)
    assert.deepEqual(
      all.map((socket) => socket.code()),
      [1008, 1011],
    )
    assert.equal(database.connections(), before)
  })

  it('forgets a socket that leaves, even while it is judged or its list is read', async () => {
    let enter = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      enter = resolve
    })
    const view = createListView()
    const source = createListSource(database.db)
    const keysRead: string[] = []
    const feed = openFeed(
      {
        readPresent: (keys) => {
          keysRead.push(...keys)
          return source.readPresent(keys)
        },
      },
      {
        admit: (request) => async () => {
          if (request.query.includes('slow')) await gate
          return await view.admit(request)()
        },
      },
    )
    const judged = feed.open(`${her}&slow`)
    judged.leave()
    enter()
    const read = feed.open(her)
    await Promise.resolve()
    read.leave()
    const stays = feed.open(his)
    await hasFrames(1, stays)
    stays.leave()
    await add('one')
    keysRead.splice(0)
    feed.resync()
    await hasFrames(1, feed.open('/ws/lists/other?name=Ana'))
    assert.deepEqual(keysRead, ['other'])
    assert.deepEqual([judged.frames, read.frames, told(stays)], [[], [], [state(0)]])
  })
})
