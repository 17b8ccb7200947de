import assert from 'node:assert/strict'
import { assertNoInnards, assertRefused } from '../../support/assert-refused.js'
import { createPerson, type Person } from '../../support/people.js'
import { type Answer, postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'
import { asSealed } from '../../../../db/sealed.js'

describe('Internal mail', () => {
  let api: TestApi
  let ana: Person
  let rui: Person

  beforeEach(async () => {
    api = await startApi()
    ana = await createPerson(api, 'Ana')
    rui = await createPerson(api, 'Rui')
  })
  afterEach(async () => {
    await api.close()
  })

  const write = (
    from: Person,
    fields: object,
    path = '/messages/',
    headers: Readonly<Record<string, string>> = {},
  ) =>
    postJson(
      api,
      path,
      { recipient_id: rui.id, title: 'Reunião', body: 'Às 14h?', ...fields },
      { ...from.headers, ...headers },
    )
  const read = (who: Person, path: string) => send(api, path, { headers: who.headers })
  async function listIds(who: Person, path: string): Promise<number[]> {
    const { status, text } = await read(who, path)
    assert.equal(status, 200, text)
    return (JSON.parse(text) as { id: number }[]).map(({ id }) => id)
  }
  const mark = (who: Person, id: unknown, body?: string) =>
    send(api, `/messages/${String(id)}/read`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', ...who.headers },
      ...(body === undefined ? {} : { body }),
    })
  async function countMessages(): Promise<number> {
    const rows = await api.database.db.selectFrom('messages').select('id').execute()
    return rows.length
  }
  /** The sentence is what a page shows: it names the fields in words, not in a list. */
  function assertInvalid(answer: Answer, fields: string): void {
    assert.equal(answer.status, 422, answer.text)
    const { detail, message, error, code } = answer.json
    assert.equal(detail, `Campo ausente ou inválido: ${fields}.`)
    assert.deepEqual([message, error, code], [detail, detail, 'invalid_field'])
    assertNoInnards(answer)
  }

  it('is sent and read in the contract’s shape, with and without a final slash', async () => {
    const sent = await write(ana, {})
    assert.equal(sent.status, 200, sent.text)
    const { id, timestamp, ...rest } = sent.json
    assert.ok(Number.isInteger(id))
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.deepEqual(rest, {
      sender_id: ana.id,
      recipient_id: rui.id,
      title: 'Reunião',
      body: 'Às 14h?',
      is_read: false,
      sender_username: 'Ana',
      recipient_username: 'Rui',
    })
    for (const [who, path] of [
      [rui, '/messages/inbox/'],
      [rui, '/messages/inbox'],
      [ana, '/messages/outbox/'],
      [ana, '/messages/outbox'],
    ] as const)
      assert.deepEqual(JSON.parse((await read(who, path)).text), [sent.json])
    assert.equal((await read(ana, '/messages/inbox/')).text, '[]')
    assert.equal((await read(rui, '/messages/outbox/')).text, '[]')
    assert.equal((await write(ana, {}, '/messages')).status, 200)
  })

  it('takes the recipient’s id as text', async () => {
    const { status, json } = await write(ana, { recipient_id: String(rui.id) })
    assert.equal(status, 200)
    assert.equal(json['recipient_id'], rui.id)
  })

  it('keeps the longest title and body as they are, counted as people count', async () => {
    const text = { title: '📬'.repeat(255), body: '📬'.repeat(99_999) + '\0' }
    const { status, json } = await write(ana, text)
    assert.equal(status, 200)
    assert.deepEqual([json['title'], json['body']], [text.title, text.body])
    const inbox = JSON.parse((await read(rui, '/messages/inbox/')).text) as unknown[]
    assert.deepEqual(inbox, [json])
    assert.equal((await write(ana, { body: '' })).status, 200)
  })

  it('answers a text that was cut within an emoji as it will be read', async () => {
    const { json } = await write(ana, { title: 'a\ud83d', body: '\ude00b' })
    assert.deepEqual([json['title'], json['body']], ['a\ufffd', '\ufffdb'])
    assert.deepEqual(JSON.parse((await read(rui, '/messages/inbox/')).text), [json])
  })

  for (const [what, fields, named] of [
    ['a recipient that is a float', { recipient_id: 1.5 }, 'recipient_id'],
    ['a recipient that is an array', { recipient_id: [1] }, 'recipient_id'],
    ['a recipient that is an object', { recipient_id: {} }, 'recipient_id'],
    ['a recipient that is text of no number', { recipient_id: 'Rui' }, 'recipient_id'],
    ['a recipient that is a float as text', { recipient_id: '1.5' }, 'recipient_id'],
    ['a negative recipient', { recipient_id: -1 }, 'recipient_id'],
    ['no recipient', { recipient_id: null }, 'recipient_id'],
    ['an empty title', { title: '' }, 'title'],
    ['a title that is too long', { title: 'ç'.repeat(256) }, 'title'],
    ['a title of emojis that is too long', { title: '📬'.repeat(256) }, 'title'],
    ['no body', { body: null }, 'body'],
    ['a body that is too long', { body: 'ç'.repeat(100_001) }, 'body'],
    ['nothing right', { recipient_id: true, title: 1, body: [] }, 'recipient_id, title, body'],
  ] as const)
    it(`is refused in one sentence with ${what}`, async () => {
      assertInvalid(await write(ana, fields), named)
      assert.equal(await countMessages(), 0)
    })

  it('is refused in English to who reads that', async () => {
    const answer = await write(ana, { title: '' }, '/messages/', { 'Accept-Language': 'en' })
    assert.equal(answer.json['detail'], 'Missing or invalid field: title.')
  })

  it('is not sent to oneself', async () => {
    for (const recipient_id of [ana.id, String(ana.id), `0${ana.id}`])
      assertRefused(await write(ana, { recipient_id }), 422, 'message_to_self')
    assert.equal(await countMessages(), 0)
  })

  it('is not sent to nobody: unknown, disabled, deleted or beyond any id', async () => {
    const [disabled, deleted] = [
      await createPerson(api, 'Disabled'),
      await createPerson(api, 'Deleted'),
    ]
    await api.accounts.setDisabled(disabled.id, true)
    await api.accounts.remove(deleted.id)
    for (const recipient_id of [
      deleted.id + 1_000,
      disabled.id,
      deleted.id,
      0x7fff_ffff,
      0x8000_0000,
      '0',
      '9'.repeat(400),
    ])
      assertRefused(await write(ana, { recipient_id }), 404, 'recipient_not_found')
    assert.equal(await countMessages(), 0)
  })

  it('refuses a body of 1 MB, and one that is no JSON', async () => {
    const large = await write(ana, { body: 'a'.repeat(1024 * 1024) })
    assertRefused(large, 413, 'body_too_large')
    const headers = { 'Content-Type': 'application/json', ...ana.headers }
    for (const body of ['{', '[]', '"text"', 'null', '']) {
      const answer = await send(api, '/messages/', { method: 'POST', headers, body })
      assert.equal(answer.status, 422, answer.text)
      assert.equal(typeof answer.json['detail'], 'string')
      assertNoInnards(answer)
    }
    assert.equal(await countMessages(), 0)
  })

  it('is listed newest first, in parts', async () => {
    const ids: number[] = []
    for (const title of ['1', '2', '3']) ids.push(Number((await write(ana, { title })).json['id']))
    const [first = 0, second = 0, third = 0] = ids
    assert.deepEqual(await listIds(rui, '/messages/inbox/'), [third, second, first])
    assert.deepEqual(await listIds(rui, '/messages/inbox/?limit=2'), [third, second])
    assert.deepEqual(await listIds(rui, `/messages/inbox/?limit=2&before=${second}`), [first])
    assert.deepEqual(await listIds(ana, `/messages/outbox/?before=${third}`), [second, first])
    assert.deepEqual(await listIds(ana, '/messages/outbox/?limit=1'), [third])
  })

  for (const query of ['limit=0', 'limit=-1', 'limit=1.5', 'limit=many', 'limit=', 'limit=1e99'])
    it(`refuses ${query}, and the same of before`, async () => {
      assertInvalid(await read(rui, `/messages/inbox/?${query}`), 'limit')
      const before = query.replace('limit', 'before')
      assertInvalid(await read(ana, `/messages/outbox/?${before}`), 'before')
    })

  it('is marked as read with an empty object or no body, however often', async () => {
    const { id } = (await write(ana, {})).json
    for (const body of ['{}', undefined, '']) {
      const answer = await mark(rui, id, body)
      assert.equal(answer.status, 200, answer.text)
      assert.deepEqual(answer.json, { message: 'Mensagem marcada como lida' })
    }
    const [message] = JSON.parse((await read(ana, '/messages/outbox/')).text) as object[]
    assert.ok(message && 'is_read' in message)
    assert.equal(message.is_read, true)
  })

  it('is marked by nobody but its recipient: another’s is not found', async () => {
    const eva = await createPerson(api, 'Eva')
    const { id } = (await write(ana, {})).json
    for (const who of [ana, eva]) assertRefused(await mark(who, id), 404, 'message_not_found')
    for (const unknown of [Number(id) + 1_000, 0, -1, '1.5', 'x', 0x8000_0000, '9'.repeat(30)])
      assertRefused(await mark(rui, unknown, '{}'), 404, 'message_not_found')
    const [message] = JSON.parse((await read(rui, '/messages/inbox/')).text) as object[]
    assert.ok(message && 'is_read' in message)
    assert.equal(message.is_read, false)
  })

  it('is said to be unreadable where no key opens it, and hides no other', async () => {
    const lost = await write(ana, {})
    const sealed = { title: asSealed(Buffer.from('changed')) }
    await api.database.db.updateTable('messages').set(sealed).execute()
    const kept = await write(ana, {})
    const inbox = async (language: string) => {
      const headers = { ...rui.headers, 'Accept-Language': language }
      return (await send(api, '/messages/inbox/', { headers })).list
    }
    for (const [language, title] of [
      ['pt-BR', 'Mensagem ilegível'],
      ['en', 'Unreadable message'],
    ] as const) {
      const [newer, older] = await inbox(language)
      assert.deepEqual(newer, kept.json)
      assert.deepEqual([older?.['id'], older?.['title']], [lost.json['id'], title])
    }
  })

  it('stays readable when the account that wrote it is deleted', async () => {
    const sent = await write(ana, {})
    await api.accounts.remove(ana.id)
    assert.deepEqual(JSON.parse((await read(rui, '/messages/inbox/')).text), [sent.json])
    assertRefused(await read(ana, '/messages/outbox/'), 401, 'sign_in_required')
  })

  it('is for accounts alone, where all else is open too', async () => {
    const message = { recipient_id: rui.id, title: 't', body: 'b' }
    for (const headers of [{}, { 'X-API-Key': 'any' }, { Authorization: 'Bearer a.b.c' }]) {
      assertRefused(await postJson(api, '/messages/', message, headers), 401, 'sign_in_required')
      for (const path of ['/messages/inbox/', '/messages/outbox/'])
        assertRefused(await send(api, path, { headers }), 401, 'sign_in_required')
      const marked = await send(api, '/messages/1/read', { method: 'PUT', headers })
      assertRefused(marked, 401, 'sign_in_required')
    }
    assert.equal(await countMessages(), 0)
  })

  for (const [what, end] of [
    ['disabled', () => api.accounts.setDisabled(ana.id, true)],
    ['deleted', () => api.accounts.remove(ana.id)],
    ['signed out everywhere', () => api.accounts.signOutEverywhere(ana.id)],
  ] as const)
    it(`tells an account that was ${what} nothing but that, whatever it sends`, async () => {
      assert.equal((await write(ana, {})).status, 200)
      await end()
      for (const fields of [{}, { recipient_id: ana.id }, { recipient_id: 0 }, { title: '' }])
        assertRefused(await write(ana, fields), 401, 'sign_in_required')
      assert.equal(await countMessages(), 1)
      const entries = await api.database.db
        .selectFrom('audit')
        .select(['subject', 'outcome'])
        .execute()
      assert.deepEqual(entries.at(-1), { subject: 'POST /messages/', outcome: '401' })
    })

  it('is sent by those who may, though others who may not send at the same moment', async () => {
    const eva = await createPerson(api, 'Eva')
    await api.accounts.setDisabled(eva.id, true)
    const answers = await Promise.all([
      write(ana, {}),
      write(eva, {}),
      write(ana, { recipient_id: rui.id + 1_000 }),
      write(rui, { recipient_id: ana.id }),
      write(ana, {}),
    ])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 401, 404, 200, 200],
    )
    assert.equal((await listIds(rui, '/messages/inbox/')).length, 2)
    assert.equal((await listIds(ana, '/messages/inbox/')).length, 1)
  })

  describe('with an Idempotency-Key', () => {
    const once = (from: Person, key: string, fields: object = {}) =>
      write(from, fields, '/messages/', { 'Idempotency-Key': key })

    it('is sent once, and answered the same again, with whatever happened to it since', async () => {
      const first = await once(ana, 'chave-1')
      assert.equal(first.status, 200, first.text)
      await mark(rui, first.json['id'])
      for (const fields of [{}, { recipient_id: String(rui.id) }]) {
        const again = await once(ana, 'chave-1', fields)
        assert.deepEqual([again.status, again.json], [200, first.json])
      }
      assert.equal(await countMessages(), 1)
      assert.notDeepEqual((await once(ana, 'chave-2')).json, first.json)
      assert.equal(await countMessages(), 2)
    })

    it('is sent once where it comes several times at once', async () => {
      const answers = await Promise.all(Array.from({ length: 6 }, () => once(ana, 'chave')))
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
      assert.equal(new Set(answers.map(({ text }) => JSON.stringify(JSON.parse(text)))).size, 1)
      assert.equal(await countMessages(), 1)
    })

    it('is refused where the key stands for another content', async () => {
      await once(ana, 'chave')
      const eva = await createPerson(api, 'Eva')
      for (const fields of [{ title: 'Outra' }, { body: 'Outro' }, { recipient_id: eva.id }])
        assertRefused(await once(ana, 'chave', fields), 422, 'idempotency_conflict')
      assert.equal(await countMessages(), 1)
    })

    it('is the sender’s own: another’s key of the same letters stands for another message', async () => {
      await once(ana, 'chave')
      const other = await once(rui, 'chave', { recipient_id: ana.id })
      assert.equal(other.status, 200)
      assert.deepEqual(await listIds(ana, '/messages/inbox/'), [other.json['id']])
    })

    it('stands for nothing where the message could not be sent', async () => {
      const nobody = { recipient_id: rui.id + 1_000 }
      assertRefused(await once(ana, 'chave', nobody), 404, 'recipient_not_found')
      assert.equal((await once(ana, 'chave')).status, 200)
      assert.equal(await countMessages(), 1)
    })

    it('is answered to nobody whose session has ended', async () => {
      await once(ana, 'chave')
      await api.accounts.signOutEverywhere(ana.id)
      for (const key of ['chave', 'outra'])
        assertRefused(await once(ana, key), 401, 'sign_in_required')
      assert.equal(await countMessages(), 1)
    })

    it('is refused where the key is none', async () => {
      for (const key of ['', ' ', 'a b', 'a'.repeat(256)])
        assertRefused(await once(ana, key), 400, 'invalid_idempotency_key')
      assert.equal(await countMessages(), 0)
    })
  })

  it('leaves no text, name or token in the log', async () => {
    await write(ana, { title: 'um título secreto', body: 'um corpo secreto' })
    await write(ana, { title: 'um título secreto', recipient_id: 1.5 })
    await read(rui, '/messages/inbox/')
    const log = api.logLines.join('')
    assert.match(log, /\/messages\/inbox/)
    assert.doesNotMatch(log, /secreto|Ana|Rui/)
    assert.equal(log.includes(ana.token), false)
  })
})
