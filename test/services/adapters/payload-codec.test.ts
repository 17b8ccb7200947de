import assert from 'node:assert/strict'
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common'
import {
  createDataConverter,
  createPayloadCodec,
} from '../../../services/adapters/payload-codec.js'
import { createKeyRing, DamagedSealError, UnknownKeyError } from '../../../db/key-ring.js'
import { classificationPlace } from '../../../db/seal-places.js'
import { sealUnbound } from '../../support/unbound-seal.js'
import { openRealServer, withStubbedWorker } from '../../workflows/stubbed-worker.js'

const keys = createKeyRing(['test key'])
const codec = createPayloadCodec(keys)
const payload = defaultPayloadConverter.toPayload({ name: 'Maria Souza' })

/** As an async function, so that what is thrown at once is a rejection too. */
const decode = async (payloads: Payload[], by = codec) => await by.decode(payloads)

describe('payload codec', () => {
  it('opens what it sealed, in the order in which it came', async () => {
    const payloads = [
      payload,
      defaultPayloadConverter.toPayload(undefined),
      defaultPayloadConverter.toPayload(Buffer.of(0, 255)),
    ]
    const opened = await decode(await codec.encode(payloads))
    assert.deepEqual(
      opened.map((one) => defaultPayloadConverter.fromPayload(one)),
      [{ name: 'Maria Souza' }, undefined, new Uint8Array([0, 255])],
    )
    assert.deepEqual(await decode(await codec.encode([])), [])
  })

  it('leaves nothing to read but the id of the key', async () => {
    const [sealed] = await codec.encode([payload])
    const metadata = Object.entries(sealed?.metadata ?? {}).map(([name, value]) => [
      name,
      Buffer.from(value).toString(),
    ])
    assert.deepEqual(Object.fromEntries(metadata), {
      encoding: 'binary/encrypted',
      'encryption-key-id': keys.currentKeyId,
    })
    assert.ok(!Buffer.from(sealed?.data ?? []).includes('Maria'))
  })

  it('passes on what was never sealed', async () => {
    assert.deepEqual(await decode([payload]), [payload])
    assert.deepEqual(await decode([{ data: Buffer.from('x') }]), [{ data: Buffer.from('x') }])
  })

  it('still reads what an old key sealed', async () => {
    const old = await codec.encode([payload])
    const rotated = createPayloadCodec(createKeyRing(['new key', 'test key']))
    const [opened] = await decode(old, rotated)
    assert.deepEqual(defaultPayloadConverter.fromPayload(opened!), { name: 'Maria Souza' })
    await assert.rejects(decode(await rotated.encode([payload])), UnknownKeyError)
  })

  it('opens nothing that was sealed for a table', async () => {
    const [sealed] = await codec.encode([payload])
    const data = keys.seal(Buffer.from('x'), classificationPlace('content', '1'))
    await assert.rejects(decode([{ ...sealed, data }]), DamagedSealError)
  })

  it('opens what was sealed before seals were bound', async () => {
    const [sealed] = await codec.encode([payload])
    // A payload of no fields is no bytes.
    assert.ok(await decode([{ ...sealed, data: sealUnbound('test key', '') }]))
  })

  it('opens nothing that was changed', async () => {
    const [sealed] = await codec.encode([payload])
    const data = Buffer.from(sealed?.data ?? [])
    data[data.length - 1]! ^= 1
    await assert.rejects(decode([{ ...sealed, data }]))
    await assert.rejects(decode([{ metadata: sealed?.metadata ?? null }]), /Not a sealed value/)
  })

  describe('in a history on a real server', function () {
    this.timeout(60_000)

    const stackLine = /\.[jt]s:\d+:\d+/
    const secret = 'Maria Souza, CPF 000.000.001-91'

    /** Everything that a history says, bytes read as text too, of a job whose steps fail with a secret. */
    const readHistory = async (
      dataConverter: ReturnType<typeof createDataConverter> | undefined,
    ) => {
      const server = await openRealServer(dataConverter)
      try {
        let history = ''
        let attempts = 0
        const stubs = {
          openJob: () => Promise.resolve({ source: 'pdf', hasProvider: false } as const),
          extractText: () => Promise.reject(ApplicationFailure.nonRetryable(secret, 'internal')),
          recordFailure: () =>
            ++attempts < 2 ? Promise.reject(new Error(secret)) : Promise.resolve(),
        }
        await withStubbedWorker(server, stubs, async ({ start }) => {
          const run = await start()
          await assert.rejects(
            run.result(),
            (error: Error & { cause?: { cause?: Error } }) =>
              // Whoever has the key still reads the cause.
              error.cause?.cause?.message === secret,
          )
          history = readableParts(await run.fetchHistory()).join('\n')
        })
        return history
      } finally {
        await server.close()
      }
    }

    before(async function () {
      this.timeout(180_000)
      await (await openRealServer()).close()
    })

    it('seals messages and stacks of failures, arguments and results', async () => {
      const history = await readHistory(createDataConverter(keys))
      assert.match(history, /binary\/encrypted/)
      for (const word of ['Maria', 'CPF', '000.000', 'Read the PDF', 'runId'])
        assert.ok(!history.includes(word), word)
      assert.doesNotMatch(history, stackLine)
    })

    it('would show them without the codec', async () => {
      const history = await readHistory({
        failureConverterPath: createDataConverter(keys).failureConverterPath!,
      })
      for (const word of ['Maria', 'CPF', 'Read the PDF', 'runId'])
        assert.ok(history.includes(word), word)
      assert.match(history, stackLine)
    })
  })
})

function readableParts(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => [key, ...readableParts(part)])
}
