import assert from 'node:assert/strict'
import { endlessPdf, makePdf } from './services/extraction/make-pdf.js'
import { acceptedJobId, postFile, request } from './support/job-client.js'
import { type Product, startProduct } from './support/product.js'
import { waitUntil } from './support/wait-until.js'

const keys = { slow: 'key-of-the-one-with-slow-files', other: 'key-of-the-one-with-a-quick-file' }
const slowFiles = 20

describe('a small PDF behind 20 that take for ever', function () {
  this.timeout(90_000)
  let product: Product
  let jobs: { readonly id: string; readonly key: string }[]

  beforeEach(async () => {
    jobs = []
    product = await startProduct({ API_KEYS: Object.values(keys).join(',') })
  })
  afterEach(async () => {
    // Cancelled, they don't keep the workers from stopping.
    await Promise.all(jobs.map(({ id, key }) => ask(`/job/${id}`, key, { method: 'DELETE' })))
    await product.close()
  })

  const ask = (path: string, key: string, init: RequestInit = {}) =>
    request(product.url + path, { ...init, headers: { 'x-api-key': key } })

  async function post(bytes: Buffer, key: string): Promise<string> {
    const file = { bytes, name: 'mail.pdf', type: 'application/pdf' }
    const id = acceptedJobId(await postFile(product.url, file, { 'x-api-key': key }))
    jobs.push({ id, key })
    return id
  }

  /** Seconds from now. */
  async function secondsToEnd(id: string): Promise<number> {
    const startedAtMs = performance.now()
    await waitUntil(
      'it is completed',
      async () => {
        const { db } = product.dependencies.database
        const run = await db
          .selectFrom('runs')
          .select(['status', 'error'])
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
        assert.notEqual(run.status, 'failed', run.error ?? '')
        return run.status === 'completed'
      },
      60_000,
    )
    return (performance.now() - startedAtMs) / 1000
  }

  it('waits at most 10 s where they are of another caller, and 30 s where of the same', async () => {
    const small = await makePdf(['Bom dia, qual o andamento do meu pedido 4821?'])
    await Promise.all(Array.from({ length: slowFiles }, () => post(endlessPdf(), keys.slow)))
    const waits = await Promise.all([
      post(small, keys.other).then(secondsToEnd),
      post(small, keys.slow).then(secondsToEnd),
    ])
    assert.ok(waits[0] <= 10, `another caller's waited ${waits[0].toFixed(1)} s`)
    assert.ok(waits[1] <= 30, `the same caller's waited ${waits[1].toFixed(1)} s`)
  })
})
