import assert from 'node:assert/strict'
import type { Access } from '../../../api/http/route.js'
import { assertRefused } from '../support/assert-refused.js'
import { badTokens, forgeToken } from '../support/forge-token.js'
import { asBearer, asCookie, asKey, createPerson, type Person } from '../support/people.js'
import { postJson, send } from '../support/send.js'
import { startApi, type TestApi, type TestApiOptions } from '../support/start-api.js'

type Headers = Readonly<Record<string, string>>

/** Who may call what, said a second time: a route that is declared otherwise, or not here, fails. */
const expected: Readonly<Record<string, Access>> = {
  'get /health': 'public',
  'post /token': 'public',
  'post /sign-in': 'public',
  'post /users/': 'public',
  'get /job-status/{job_id}': 'capability',
  'delete /job/{job_id}': 'capability',
  'get /runs': 'scoped',
  'get /runs/{id}': 'capability',
  'delete /runs/{id}': 'capability',
  'post /classify-email': 'classify',
  'post /sign-out': 'account',
  'put /accounts/me/password': 'account',
  'get /users/': 'account',
  'delete /users/{id}': 'account',
  'post /messages/': 'account',
  'get /messages/inbox/': 'account',
  'get /messages/outbox/': 'account',
  'put /messages/{id}/read': 'account',
  'put /users/{id}': 'admin',
  'get /api-keys': 'admin',
  'post /api-keys': 'admin',
  'delete /api-keys/{id}': 'admin',
  'get /accounts': 'operator',
  'get /audit': 'operator',
  'get /metrics': 'operator',
  'get /models': 'operator',
  'post /models': 'operator',
  'get /models/{id}/file': 'operator',
  'post /models/{id}/promote': 'operator',
  'post /models/{id}/rollback': 'operator',
  'post /codec/decode': 'operator',
  'get /schedules': 'operator',
  'post /schedules/{name}': 'operator',
}
const needsAccount = new Set<Access>(['account', 'admin'])
/** What none of them may say to who is let in: where somebody else would be refused. */
const refusals = new Set([401, 403])

/** Nothing that the ids stand for is there, so that a call which is let in changes nothing. */
async function call(api: TestApi, route: string, headers: Headers): Promise<number> {
  const [method = '', path = ''] = route.split(' ')
  const { status } = await send(api, path.replace(/\{\w+\}/, '2000000000'), {
    method: method.toUpperCase(),
    headers: { ...headers, 'Content-Type': 'application/json', Origin: 'http://localhost:3000' },
    ...(method === 'post' || method === 'put' ? { body: '{}' } : {}),
  })
  return status
}

describe('who may call each route', () => {
  let api: TestApi
  let people: Record<'user' | 'operator' | 'admin', Person>
  afterEach(() => api.close())

  const start = async (options: TestApiOptions) => {
    api = await startApi(options)
    people = {
      user: await createPerson(api, 'Ana'),
      operator: await createPerson(api, 'Otto', 'operator'),
      admin: await createPerson(api, 'Ada', 'admin'),
    }
  }
  const startClosed = () =>
    start({ env: { API_KEYS: 'bare-secret,books-secret:finance,boss-secret:classify+operator' } })
  const assertLetIn = async (headers: Headers, mayCall: (access: Access) => boolean) => {
    for (const [route, access] of Object.entries(expected)) {
      const status = await call(api, route, headers)
      const message = `${route}: ${status}`
      // DELETE /users/:id is refused to who isn't that account.
      if (route === 'delete /users/{id}' && status === 403) continue
      // Nobody's password is {}: a body is what it lacks.
      assert.equal(!refusals.has(status), mayCall(access), message)
    }
  }
  const isPublic = (access: Access) => access === 'public' || access === 'capability'

  it('is declared for every route, and shown as security schemes', async () => {
    await startClosed()
    const description = (await send(api, '/openapi.json')).json as {
      paths: Record<string, Record<string, { security: object[]; 'x-scope'?: string }>>
      components: { securitySchemes: object }
    }
    const shown = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        route: `${method} ${path}`,
        schemes: operation.security.flatMap((scheme) => Object.keys(scheme)),
        scope: operation['x-scope'],
      })),
    )
    assert.deepEqual(shown.map(({ route }) => route).toSorted(), Object.keys(expected).toSorted())
    for (const { route, schemes, scope } of shown) {
      const access = expected[route]!
      const signedIn = ['bearer', 'session']
      const wanted = isPublic(access)
        ? []
        : needsAccount.has(access)
          ? signedIn
          : ['apiKey', ...signedIn]
      assert.deepEqual(schemes, wanted, route)
      const isScope = wanted.length === 3 && access !== 'scoped'
      assert.equal(scope, isScope ? access : undefined, route)
    }
    assert.deepEqual(Object.keys(description.components.securitySchemes), [
      'apiKey',
      'bearer',
      'session',
    ])
  })

  it('is public alone for who shows nothing, where keys are set', async () => {
    await startClosed()
    await assertLetIn({}, isPublic)
  })

  it('is public alone for who shows what is not good, also where a key is not asked for', async () => {
    for (const begin of [startClosed, () => start({})]) {
      await begin()
      for (const headers of listForeign(people.admin)) await assertLetIn(headers, isPublic)
      await api.close()
    }
  })

  function listForeign(admin: Person): Headers[] {
    const expired = { iat: 1_000_000, exp: 1_000_600 }
    return [
      asKey('somebody-elses'),
      asBearer('somebody-elses'),
      asKey('trg_somebody-elses'),
      asKey(admin.token),
      asBearer(forgeToken(admin, { claims: expired })),
      asBearer(forgeToken(admin, { secret: 'a-key-of-somebody-else-altogether' })),
      asCookie(forgeToken(admin, { claims: expired })),
      asCookie('bare-secret'),
      { Authorization: `Basic ${Buffer.from('Ada:correta-e-longa').toString('base64')}` },
      { Authorization: 'Bearer' },
    ]
  }

  it('is what the scopes of a key say, and never an account’s', async () => {
    await startClosed()
    const allows =
      (...scopes: Access[]) =>
      (access: Access) =>
        isPublic(access) || access === 'scoped' || scopes.includes(access)
    await assertLetIn(asKey('bare-secret'), allows('classify'))
    await assertLetIn(asBearer('books-secret'), allows('finance'))
    await assertLetIn(asKey('boss-secret'), allows('classify', 'operator'))
    const { secret } = await api.accounts.createKey({ name: 'painel', scopes: ['operator'] })
    await assertLetIn(asKey(secret), allows('operator'))
  })

  it('grows with the role, by token and by cookie, also where a key is not asked for', async () => {
    for (const begin of [startClosed, () => start({})]) {
      await begin()
      await assertGrowing()
      await api.close()
    }
  })

  async function assertGrowing(): Promise<void> {
    const { user, operator, admin } = people
    for (const show of [asBearer, asCookie]) {
      const isOf =
        (...scopes: Access[]) =>
        (access: Access) =>
          isPublic(access) || access === 'scoped' || scopes.includes(access)
      await assertLetIn(show(user.token), isOf('account', 'classify'))
      await assertLetIn(show(operator.token), isOf('account', 'classify', 'operator'))
      await assertLetIn(show(admin.token), isOf('account', 'classify', 'operator', 'admin'))
    }
  }

  it('is what needs no operator and no account for who shows nothing on loopback while no key is set', async () => {
    await start({})
    await assertLetIn({}, (access) => !needsAccount.has(access) && access !== 'operator')
  })

  it('is no more for an account of few scopes, where who shows nothing may more', async () => {
    await start({})
    const finance = await api.accounts.createKey({ name: 'livros', scopes: ['finance'] })
    await assertLetIn(asKey(finance.secret), (access) => isPublic(access) || access === 'scoped')
  })

  it('grows with the scopes that an account is given', async () => {
    await startClosed()
    const { id, token } = people.user
    const scopesOf = async () => (await api.accounts.authenticate(token))?.scopes
    assert.deepEqual(await scopesOf(), ['classify'])
    await api.accounts.setScopes(id, ['finance', 'mailbox'])
    assert.deepEqual(await scopesOf(), ['classify', 'finance', 'mailbox'])
    await api.accounts.setScopes(id, [])
    assert.deepEqual(await scopesOf(), ['classify'])
  })

  it('leaves the command line of the machine all that needs no mail of its own', async () => {
    for (const env of [{}, { API_KEYS: 'bare-secret' }]) {
      await start({ env, localKey: 'the-key-of-this-run' })
      for (const [route, access] of Object.entries(expected)) {
        const status = await call(api, route, asKey('the-key-of-this-run'))
        // Its body is looked at before it is asked whose mail this is.
        if (route === 'post /messages/') continue
        const isOwn = ['/messages/', '/sign-out', '/me/'].some((part) => route.includes(part))
        assert.equal(refusals.has(status), isOwn, `${route} (${access}): ${status}`)
      }
      const message = { recipient_id: people.user.id, title: 'Olá', body: '' }
      const sent = await postJson(api, '/messages/', message, asKey('the-key-of-this-run'))
      assertRefused(sent, 401, 'sign_in_required')
      await api.close()
    }
  })

  it('lets nobody in with a bad token, and says only that', async () => {
    await startClosed()
    const { admin } = people
    assert.equal(await call(api, 'get /users/', asBearer(forgeToken(admin))), 200)
    for (const [what, token] of Object.entries(badTokens(admin))) {
      for (const route of ['get /users/', 'get /api-keys', 'get /metrics'])
        for (const show of [asBearer, asCookie])
          assert.equal(await call(api, route, show(token)), 401, `${what}: ${route}`)
    }
  })
})
