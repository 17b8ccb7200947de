import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import {
  createPdfReaders,
  defaultPdfLanes,
  type PdfReaders,
} from '../../../services/extraction/pdf-readers.js'
import { type PdfReader, startPdfReader } from '../../../services/extraction/pdf-reader.js'
import { waitUntil } from '../../support/wait-until.js'
import { deflatedRepeat } from './deflated-repeat.js'
import { endlessPdf, makePdf, onePagePdf } from './make-pdf.js'

const { quick, slow } = defaultPdfLanes

describe('kept PDF readers', function () {
  this.timeout(60_000)
  let started: PdfReader[]
  let readers: PdfReaders

  /** One reader in each lane, so that it is known which one reads. */
  const open = (options: Partial<typeof quick> = {}, slowTimeoutMs = 2_000) => {
    started = []
    readers = createPdfReaders({
      limits: { maxPages: 10, maxCharacters: 10_000 },
      lanes: {
        quick: { ...quick, maxReaders: 1, timeoutMs: 10_000, ...options },
        slow: { ...slow, timeoutMs: slowTimeoutMs },
      },
      startReader: (memory) => {
        const reader = startPdfReader(memory)
        started.push(reader)
        return reader
      },
    })
  }
  afterEach('no process stays behind', async () => {
    await readers.close()
    assert.deepEqual(
      started.map((reader) => reader.hasEnded()),
      started.map(() => true),
    )
  })

  const read = async (bytes: Uint8Array, signal?: AbortSignal) =>
    (await readers.read({ caller: 'a', load: () => Promise.resolve(bytes), signal })).text

  it('read file after file in the same process', async () => {
    open()
    for (const text of ['um', 'dois', 'três']) assert.equal(await read(await makePdf([text])), text)
    assert.equal(started.length, 1)
    assert.ok(started[0]?.pid !== undefined && isAlive(started[0].pid))
  })

  it('are replaced after so many files', async () => {
    open({ filesPerReader: 2 })
    const pdf = await makePdf(['texto'])
    for (let file = 0; file < 3; file++) await read(pdf)
    assert.deepEqual(
      started.map((reader) => reader.hasEnded()),
      [true, false],
    )
  })

  it('are replaced after a file that failed', async () => {
    open()
    await read(await makePdf(['bom']))
    await assert.rejects(read((await makePdf(['mau'])).subarray(0, 300)), { code: 'pdf_damaged' })
    assert.ok(started.every((reader) => reader.hasEnded()))
    assert.equal(await read(await makePdf(['bom'])), 'bom')
  })

  it('end when nobody needs them for a while', async () => {
    open({ idleMs: 10 })
    await read(await makePdf(['texto']))
    await waitUntil('the reader has ended', () => started[0]?.hasEnded())
  })

  it('take another one for a reader that was killed between two files', async () => {
    open()
    const pdf = await makePdf(['texto'])
    await read(pdf)
    process.kill(started[0]?.pid ?? 0, 'SIGKILL')
    await waitUntil('it is gone', () => started[0]?.hasEnded())
    assert.equal(await read(pdf), 'texto')
  })

  it('are not harmed by a file that takes for ever', async () => {
    open({ timeoutMs: 500 })
    await assert.rejects(read(endlessPdf()), { code: 'pdf_too_slow' })
    assert.equal(await read(await makePdf(['depois'])), 'depois')
  })

  it('are not harmed by a file that takes too much memory', async () => {
    open({}, 30_000)
    const huge = onePagePdf(await deflatedRepeat(' ', 600_000_000))
    await assert.rejects(read(huge), { code: 'pdf_too_large' })
    assert.equal(await read(await makePdf(['depois'])), 'depois')
  })

  it('end at once with a file that is aborted', async () => {
    open()
    const abort = new AbortController()
    const reading = read(endlessPdf(), abort.signal)
    await waitUntil('it is read', () => started.length > 0)
    abort.abort(new Error('cancelled'))
    await assert.rejects(reading, { message: 'cancelled' })
    assert.ok(started.every((reader) => reader.hasEnded()))
  })

  it('end with the process that started them, even where that is killed', async () => {
    open()
    const file = fileURLToPath(new URL('./idle-reader.js', import.meta.url))
    const parent = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string]
    assert.ok(isAlive(Number(line)))
    parent.kill('SIGKILL')
    await waitUntil('its reader is gone', () => !isAlive(Number(line)))
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
