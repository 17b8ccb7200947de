import assert from 'node:assert/strict'
import { makeKey, runKey } from '../../commands/key.js'
import { ConfigError } from '../../config/values.js'
import { loadConfig } from '../../config/load-config.js'

describe('triagem key', () => {
  it('prints a key alone, another one each time', () => {
    const said: string[] = []
    for (let i = 0; i < 2; i++) runKey([], (line) => said.push(line))
    const [one = '', other = '', ...more] = said
    assert.deepEqual(more, [])
    for (const key of [one, other]) assert.match(key, /^[\w-]{43}$/)
    assert.notEqual(one, other)
  })

  it('prints one that may stand beyond loopback, with scopes and without', () => {
    const beyond = { HOST: '0.0.0.0', SECRET_KEY: makeKey() }
    const key = makeKey()
    assert.equal(loadConfig({ ...beyond, API_KEYS: key }).apiKeys[0]?.secret, key)
    const { apiKeys } = loadConfig({ ...beyond, API_KEYS: `${makeKey()},${key}:finance` })
    assert.deepEqual(apiKeys[1], { secret: key, scopes: ['finance'] })
  })

  it('takes nothing', () => {
    assert.throws(() => runKey(['--long'], () => undefined), ConfigError)
  })
})
