import assert from 'node:assert/strict'
import { z } from 'zod'
import { createPerson, password } from '../support/people.js'
import { type Answer, multipart, postJson, send, submit } from '../support/send.js'
import { startApi, type TestApi } from '../support/start-api.js'

type Json = Record<string, unknown>
const asJson = (value: unknown) => value as Json

/** Everything in it, one by one, with where it stands. */
function* walk(value: unknown, path = '#'): Generator<[path: string, value: Json]> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield [path, asJson(value)]
  for (const [name, child] of Object.entries(value)) yield* walk(child, `${path}/${name}`)
}

describe('the OpenAPI description', () => {
  let api: TestApi
  let description: Json
  before(async () => {
    api = await startApi()
    description = (await send(api, '/openapi.json')).json
  })
  after(() => api.close())

  const operations = () =>
    Object.entries(asJson(description['paths'])).flatMap(([path, methods]) =>
      Object.entries(asJson(methods)).map(([method, operation]) => ({
        path,
        method,
        operation: asJson(operation),
      })),
    )
  const schemaOf = (name: string) =>
    z.fromJSONSchema(asJson(asJson(asJson(description['components'])['schemas'])[name]))
  const resolve = (reference: string) =>
    reference
      .replace('#/', '')
      .split('/')
      .reduce<unknown>((at, name) => asJson(at)[name], description)

  it('is the same at both of its addresses', async () => {
    const other = await send(api, '/openapi/openapi.json')
    assert.match(String(other.headers['content-type']), /^application\/json/)
    assert.deepEqual(other.json, description)
  })

  it('is OpenAPI 3.1 in form', () => {
    assert.equal(description['openapi'], '3.1.0')
    const { title, version } = asJson(description['info'])
    assert.deepEqual([title, version], ['Triagem', '1.2.3'])
    const ids = operations().map(({ operation }) => operation['operationId'])
    assert.equal(new Set(ids).size, ids.length)
    for (const { path, operation } of operations()) {
      assert.match(path, /^\//)
      assert.ok(operation['summary'])
      for (const [status, response] of Object.entries(asJson(operation['responses']))) {
        assert.match(status, /^[1-5]\d\d$/)
        assert.equal(typeof asJson(response)['description'], 'string')
      }
      const declared = (operation['parameters'] as Json[])
        .filter((parameter) => parameter['in'] === 'path')
        .map((parameter) => parameter['name'])
      assert.deepEqual(
        declared,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      )
    }
  })

  it('refers to nothing that is not there', () => {
    const references = [...walk(description)].filter(
      ([, value]) => typeof value['$ref'] === 'string',
    )
    assert.ok(references.length > 5)
    for (const [path, value] of references)
      assert.ok(resolve(String(value['$ref'])) !== undefined, `${path}: ${String(value['$ref'])}`)
  })

  it('has every route of sections 1 and 2 and the common ones', () => {
    const found = operations().map(({ path, method }) => `${method} ${path}`)
    assert.deepEqual(found.toSorted(), [
      'delete /api-keys/{id}',
      'delete /job/{job_id}',
      'delete /runs/{id}',
      'delete /users/{id}',
      'get /accounts',
      'get /api-keys',
      'get /audit',
      'get /health',
      'get /job-status/{job_id}',
      'get /messages/inbox/',
      'get /messages/outbox/',
      'get /metrics',
      'get /models',
      'get /models/{id}/file',
      'get /runs',
      'get /runs/{id}',
      'get /schedules',
      'get /users/',
      'post /api-keys',
      'post /classify-email',
      'post /codec/decode',
      'post /messages/',
      'post /models',
      'post /models/{id}/promote',
      'post /models/{id}/rollback',
      'post /schedules/{name}',
      'post /sign-in',
      'post /sign-out',
      'post /token',
      'post /users/',
      'put /accounts/me/password',
      'put /messages/{id}/read',
      'put /users/{id}',
    ])
  })

  it('says which answers to expect of a route that needs a key or has a limit', () => {
    for (const { path, method, operation } of operations()) {
      const statuses = Object.keys(asJson(operation['responses']))
      const schemes = (operation['security'] as Json[]).flatMap((scheme) => Object.keys(scheme))
      const isSignIn = path === '/token' || path === '/sign-in'
      assert.equal(statuses.includes('401'), schemes.length > 0 || isSignIn, path)
      if (schemes.includes('apiKey')) assert.ok(statuses.includes('403'), path)
      assert.equal(
        statuses.includes('429'),
        method === 'post' || path.startsWith('/job-status') || path === '/accounts/me/password',
        path,
      )
    }
  })

  it('describes a file and a text in the form, and the text in JSON', () => {
    const post = operations().find(({ path }) => path === '/classify-email')
    const content = asJson(asJson(post?.operation['requestBody'])['content'])
    assert.deepEqual(Object.keys(content).toSorted(), [
      'application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
    ])
    const form = asJson(resolve('#/components/schemas/ClassifyForm'))
    assert.deepEqual(Object.keys(asJson(form['properties'])), ['text', 'file'])
    assert.equal(asJson(asJson(form['properties'])['file'])['format'], 'binary')
  })

  it('describes bodies and answers that are a file as it is', () => {
    const find = (route: string) =>
      operations().find(({ path, method }) => `${method} ${path}` === route)?.operation
    const taken = asJson(asJson(find('post /models')?.['requestBody'])['content'])
    assert.deepEqual(Object.keys(taken), ['application/octet-stream'])
    const { schema } = asJson(taken['application/octet-stream'])
    assert.deepEqual([asJson(schema)['type'], asJson(schema)['format']], ['string', 'binary'])
    const given = asJson(asJson(find('get /models/{id}/file')?.['responses'])['200'])
    assert.deepEqual(given['content'], { 'application/octet-stream': {} })
  })

  it('describes what may be asked in the query, and which bodies may be left out', () => {
    const find = (route: string) =>
      operations().find(({ path, method }) => `${method} ${path}` === route)?.operation
    const parameters = find('get /users/')?.['parameters'] as Json[]
    assert.deepEqual(
      parameters.map((parameter) => [parameter['name'], parameter['in'], parameter['required']]),
      [
        ['skip', 'query', false],
        ['limit', 'query', false],
      ],
    )
    assert.equal(asJson(parameters[0]?.['schema'])['type'], 'integer')
    assert.equal(asJson(find('post /sign-out')?.['requestBody'])['required'], false)
    assert.equal(asJson(find('post /token')?.['requestBody'])['required'], true)
  })

  it('has schemas that the answers of section 2 fit', async () => {
    const ana = await createPerson(api, 'Ana')
    const ada = await createPerson(api, 'Ada', 'admin')
    const fits = (name: string, { json }: Answer) => schemaOf(name).parse(json)
    const ask = (path: string) => send(api, path, { headers: ada.headers })
    const names = { username: ana.username, password }
    fits('Token', await postJson(api, '/token', names))
    fits('Session', await postJson(api, '/sign-in', names))
    const [listed] = (await ask('/users/')).list
    schemaOf('Account').parse(listed)
    const key = { name: 'painel', scopes: ['operator'] }
    fits('CreatedApiKey', await postJson(api, '/api-keys', key, ada.headers))
    const [kept] = (await ask('/api-keys')).list
    schemaOf('ApiKey').parse(kept)
    const [state] = (await ask('/accounts')).list
    schemaOf('AccountState').parse(state)
    const [entry] = (await ask('/audit')).list
    schemaOf('AuditEntry').parse(entry)
    const message = { recipient_id: ana.id, title: 'Olá', body: 'Bom dia' }
    fits('Message', await postJson(api, '/messages/', message, ada.headers))
  })

  it('has schemas that its answers fit', async () => {
    const created = await postJson(api, '/classify-email', { text: 'Bom dia' })
    schemaOf('JobCreated').parse(created.json)
    const state = await send(api, `/job-status/${await submit(api, 'Boa tarde')}`)
    schemaOf('JobState').parse(state.json)
    const health = (await send(api, '/health')).json
    schemaOf('Health').parse(health)
    const payloads = { payloads: [{ metadata: { encoding: 'eA==' }, data: 'eA==' }] }
    const bia = await createPerson(api, 'Bia', 'operator')
    schemaOf('Payloads').parse((await postJson(api, '/codec/decode', payloads, bia.headers)).json)
    const refusals = [
      await send(api, '/job-status/42'),
      await postJson(api, '/classify-email', { text: 5 }),
      await send(api, '/classify-email', multipart()),
    ]
    for (const { json } of refusals) schemaOf('Error').parse(json)
  })

  it('has schemas that other answers do not fit', async () => {
    const { json } = await send(api, `/job-status/${await submit(api, 'Bom dia')}`)
    assert.equal(schemaOf('JobState').safeParse({ ...json, status: 'done' }).success, false)
    assert.equal(schemaOf('JobState').safeParse({ ...json, progress: 101 }).success, false)
    assert.equal(
      schemaOf('JobCreated').safeParse({ job_id: 'x', status: 'pending' }).success,
      false,
    )
  })
})
