import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { createFreeDisk } from '../../../services/housekeeping/free-disk.js'

describe('free disk', () => {
  it('is low below the floor, and asks the disk at most once a second', async () => {
    let [free, nowMs, asked] = [100, 0, 0]
    const disk = createFreeDisk({
      folder: 'data',
      minFreeBytes: 100,
      findFreeBytes: () => Promise.resolve((asked++, free)),
      now: () => nowMs,
    })
    assert.equal(await disk.isLow(), false)
    free = 99
    assert.equal(await disk.isLow(), false)
    assert.equal(asked, 1)
    nowMs = 1_001
    assert.equal(await disk.isLow(), true)
    assert.equal(asked, 2)
  })

  it('is low for a while once the database has said that its disk is full', async () => {
    let nowMs = 0
    const disk = createFreeDisk({ folder: undefined, minFreeBytes: 100, now: () => nowMs })
    assert.equal(await disk.isLow(), false)
    disk.noteFull()
    assert.equal(await disk.isLow(), true)
    nowMs = 30_000
    assert.equal(await disk.isLow(), false)
  })

  it('reads what is free where the data are', async () => {
    const floor = { folder: tmpdir(), minFreeBytes: 1 }
    assert.equal(await createFreeDisk(floor).isLow(), false)
    assert.equal(await createFreeDisk({ ...floor, minFreeBytes: 2 ** 60 }).isLow(), true)
  })

  it('refuses nothing where the disk can not be asked', async () => {
    const disk = createFreeDisk({ folder: '/nowhere/at/all', minFreeBytes: 2 ** 60 })
    assert.equal(await disk.isLow(), false)
  })
})
