import assert from 'node:assert/strict'
import { createPayloadCodec } from '../../../../services/adapters/payload-codec.js'
import { createKeyRing } from '../../../../db/key-ring.js'
import { assertNoInnards, assertRefused } from '../../support/assert-refused.js'
import { asKey } from '../../support/people.js'
import { postJson } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const plain = { metadata: { encoding: base64('json/plain') }, data: base64('{"jobId":"x"}') }

const localKey = 'the-key-of-this-run'

describe('POST /codec/decode', () => {
  let api: TestApi
  before(async () => {
    api = await startApi({ localKey })
  })
  after(() => api.close())

  const decode = (body: unknown) => postJson(api, '/codec/decode', body, asKey(localKey))

  const seal = async (secret?: string) => {
    const keys = secret === undefined ? api.keys : createKeyRing([secret])
    const payload = {
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from('{"jobId":"x"}'),
    }
    const [sealed] = await createPayloadCodec(keys).encode([payload])
    const metadata = Object.entries(sealed?.metadata ?? {}).map(([name, value]) => [
      name,
      Buffer.from(value).toString('base64'),
    ])
    return {
      metadata: Object.fromEntries(metadata) as Record<string, string>,
      data: Buffer.from(sealed?.data ?? []).toString('base64'),
    }
  }

  it('opens sealed payloads and passes plain ones', async () => {
    const sealed = await seal()
    assert.ok(!sealed.data.includes(plain.data))
    const answer = await decode({ payloads: [sealed, plain, {}] })
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.json, { payloads: [plain, plain, { metadata: {}, data: '' }] })
  })

  it('opens nothing that another key sealed or that was changed', async () => {
    const sealed = await seal()
    const changed = Buffer.from(sealed.data, 'base64')
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    const strangers = [
      await seal('another-key-of-somebody-else'),
      { ...sealed, data: changed.toString('base64') },
      { ...sealed, data: base64('garbage') },
      { ...sealed, data: '' },
      { metadata: sealed.metadata },
    ]
    for (const payload of strangers) {
      const answer = await decode({ payloads: [plain, payload] })
      assertRefused(answer, 400, 'bad_request')
      assertNoInnards(answer)
    }
  })

  it('refuses what are no payloads', async () => {
    const bodies = [
      {},
      { payloads: 'x' },
      { payloads: [5] },
      { payloads: [{ data: 'no base64!' }] },
      { payloads: [{ metadata: { encoding: 7 } }] },
      { payloads: Array.from({ length: 1001 }, () => plain) },
      [],
    ]
    for (const body of bodies) assertRefused(await decode(body), 422, 'invalid_body')
  })
})
