import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { insertClassification, updateOutcome } from '../../db/classifications.js'
import { createKeyRing, openText } from '../../db/key-ring.js'
import { classificationPlace } from '../../db/seal-places.js'
import { asSealed, type Sealed } from '../../db/sealed.js'
import { openTestDatabase } from '../support/database.js'

describe('sealed values', () => {
  const keys = createKeyRing(['a secret'])

  it('are a type that plain bytes are not', () => {
    const plain = Buffer.from('saldo: 100')
    // @ts-expect-error Plain bytes are not sealed.
    const sealed: Sealed = plain
    // @ts-expect-error Only what is sealed can be opened.
    assert.throws(() => keys.open(plain, classificationPlace('content', '1')))
    // @ts-expect-error A part of a sealed value is no sealed value.
    const part: Sealed = asSealed(plain).subarray(0, 3)
    assert.ok(sealed.length > part.length)
  })

  it('alone can be written to a sealed column', async () => {
    const { db } = await openTestDatabase()
    const id = randomUUID()
    const plain = Buffer.from('saldo: 100')
    // Built and never run: the compiler is what refuses them.
    // @ts-expect-error Plain bytes in an insert.
    db.insertInto('classifications').values({ id, source: 'text', content: plain })
    // @ts-expect-error Plain bytes in an update.
    db.updateTable('messages').set({ title: plain })
    // @ts-expect-error Plain bytes in a chunk of a batch.
    db.insertInto('batch_chunks').values({ batch_id: id, index: 0, content: plain })
    // @ts-expect-error Plain bytes by a query of ours.
    assert.ok(() => updateOutcome(db, id, plain))
    const content = keys.seal(plain, classificationPlace('content', id))
    await insertClassification(db, { id, source: 'text', content })
    const row = await db.selectFrom('classifications').select('content').executeTakeFirstOrThrow()
    const stored: Sealed = row.content
    assert.equal(openText(keys, stored, classificationPlace('content', id)), 'saldo: 100')
  })

  it('keep their bytes when a border names them so, where they are a view too', () => {
    const bytes = new Uint8Array([9, 1, 2, 3]).subarray(1)
    assert.deepEqual(asSealed(bytes), Buffer.of(1, 2, 3))
  })
})
