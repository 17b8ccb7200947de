import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ConfigError } from '../../config/values.js'
import { loadConfig } from '../../config/load-config.js'

const longSecret = 'a-secret-of-enough-characters'
const goodKey = 'kX3vQ9-fT7wLm2_RzB8nYd'
const clusterSecrets = { SECRET_KEY: longSecret, ENC_KEY: longSecret, HASH_KEY: longSecret }
const server = { DATABASE_URL: 'postgres://triagem@db/triagem', ...clusterSecrets }

function assertRefuses(env: Record<string, string>, said: RegExp): void {
  assert.throws(
    () => loadConfig(env),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError)
      assert.match(error.message, said)
      return true
    },
  )
}

describe('loadConfig()', () => {
  it('needs nothing: each setting has its default', () => {
    assert.deepEqual(loadConfig({}), {
      host: '127.0.0.1',
      port: 8000,
      gatewayPort: 0,
      metricsPort: undefined,
      dataDir: resolve('data'),
      cacheDir: join(homedir(), '.cache', 'triagem'),
      searchPath: '',
      debug: false,
      logLevel: 'info',
      trustedProxies: 0,
      allowedHosts: [],
      allowedOrigins: ['http://localhost:3000', 'http://127.0.0.1:3000'],
      temporalUiOrigins: ['http://localhost:8233', 'http://127.0.0.1:8233'],
      apiKeys: [],
      anonymous: [],
      registration: 'open',
      accessTokenMinutes: 30,
      openOnLoopback: true,
      database: { kind: 'embedded' },
      temporal: { kind: 'embedded', port: 7233, uiPort: 8233 },
      temporalNamespace: 'default',
      secrets: { encryption: [], hash: [], signing: [] },
      inference: undefined,
      postLimitPerMinute: 6000,
      socketsPerAddress: 5000,
      mailSocketsPerMinute: 300,
      keepJobsDays: 30,
      maxOpenJobs: 200,
      minFreeDiskBytes: 200 * 1024 ** 2,
      maxTemporalFileBytes: 1024 ** 3,
      unneeded: [],
    })
  })

  it('gives an object that nobody changes', () => {
    assert.ok(Object.isFrozen(loadConfig({})))
  })

  it('takes an empty setting for an absent one', () => {
    assert.deepEqual(
      loadConfig({ PORT: '', API_KEYS: ' ', DATABASE_URL: '', HF_API_KEY: '' }),
      loadConfig({}),
    )
  })

  it('reads each setting', () => {
    const config = loadConfig({
      HOST: '::1',
      PORT: '9000',
      GATEWAY_PORT: '9001',
      METRICS_PORT: '9002',
      DATA_DIR: '/var/lib/triagem',
      XDG_CACHE_HOME: '/var/cache',
      PATH: '/usr/bin',
      DEBUG: 'true',
      LOG_LEVEL: 'debug',
      TRUST_PROXY: '2',
      TEMPORAL_NAMESPACE: 'office',
      TEMPORAL_PORT: '7000',
      TEMPORAL_UI_PORT: '7001',
      POST_LIMIT_PER_MINUTE: '60',
      SOCKETS_PER_ADDRESS: '10',
      MAIL_SOCKETS_PER_MINUTE: '20',
    })
    assert.deepEqual(
      [config.host, config.port, config.gatewayPort, config.metricsPort],
      ['::1', 9000, 9001, 9002],
    )
    assert.deepEqual(
      [config.dataDir, config.cacheDir, config.searchPath],
      [resolve('/var/lib/triagem'), join('/var/cache', 'triagem'), '/usr/bin'],
    )
    assert.deepEqual([config.debug, config.logLevel, config.trustedProxies], [true, 'debug', 2])
    assert.deepEqual(config.temporal, { kind: 'embedded', port: 7000, uiPort: 7001 })
    assert.equal(config.temporalNamespace, 'office')
    assert.deepEqual(config.temporalUiOrigins, ['http://localhost:7001', 'http://127.0.0.1:7001'])
    assert.deepEqual(
      [config.postLimitPerMinute, config.socketsPerAddress, config.mailSocketsPerMinute],
      [60, 10, 20],
    )
  })

  it('reads TRUST_PROXY as a count or as a yes', () => {
    const counts = { true: 1, yes: 1, false: 0, '0': 0, '1': 1, '3': 3 }
    for (const [value, count] of Object.entries(counts))
      assert.equal(loadConfig({ TRUST_PROXY: value }).trustedProxies, count, value)
  })

  const bad: Record<string, readonly string[]> = {
    PORT: ['eighty', '-1', '65536', '80.5'],
    GATEWAY_PORT: ['x'],
    METRICS_PORT: ['x'],
    DEBUG: ['maybe'],
    LOG_LEVEL: ['loud'],
    TRUST_PROXY: ['11', 'nginx'],
    TEMPORAL_UI_ORIGIN: ['temporal'],
    DATABASE_URL: ['db'],
    DB_PORT: ['x'],
    TEMPORAL_ADDRESS: ['temporal', 'http://temporal:7233', 'temporal:port'],
    TEMPORAL_PORT: ['x'],
    TEMPORAL_UI_PORT: ['x'],
    INFERENCE_ENDPOINT: ['model', 'ftp://host/v1'],
    POST_LIMIT_PER_MINUTE: ['0', 'many'],
    SOCKETS_PER_ADDRESS: ['0', '1.5'],
    MAIL_SOCKETS_PER_MINUTE: ['0', '1.5'],
    FRONTEND_URL: ['localhost', 'http://ok.example,nonsense'],
    ALLOWED_ORIGINS: ['nonsense', '*'],
    API_KEYS: [':classify', 'a-secret:classify+root', 'a-secret:'],
    ALLOW_ANONYMOUS: ['operator', 'classify,everything'],
    SECRET_KEY: ['short', `${longSecret},short`],
    ENC_KEY: ['short'],
    HASH_KEY: ['short'],
  }
  for (const [name, values] of Object.entries(bad))
    it(`refuses what ${name} can't be, and names it without saying its value`, () => {
      for (const value of values) {
        assertRefuses({ ...clusterSecrets, [name]: value }, new RegExp(`\\b${name}\\b`))
        if (value.length < 4) continue
        assert.throws(
          () => loadConfig({ ...clusterSecrets, [name]: value }),
          (error: unknown) => error instanceof Error && !error.message.includes(value),
        )
      }
    })

  it('reads comma lists, spaces and empty entries aside', () => {
    const config = loadConfig({
      ALLOWED_HOSTS: ' Triagem.Example.org, ,api.example.org ',
      FRONTEND_URL: 'https://page.example.org/app/, http://localhost:5173',
      ALLOW_ANONYMOUS: 'classify, chat',
      SECRET_KEY: `${longSecret}-1, ${longSecret}-2`,
    })
    assert.deepEqual(config.allowedHosts, ['triagem.example.org', 'api.example.org'])
    assert.deepEqual(config.allowedOrigins, ['https://page.example.org', 'http://localhost:5173'])
    assert.deepEqual(config.anonymous, ['classify', 'chat'])
    assert.deepEqual(config.secrets.signing, [`${longSecret}-1`, `${longSecret}-2`])
  })

  it('takes ALLOWED_ORIGINS for FRONTEND_URL and API_KEY for API_KEYS', () => {
    const config = loadConfig({ ALLOWED_ORIGINS: 'https://page.example.org', API_KEY: 'a-secret' })
    assert.deepEqual(config.allowedOrigins, ['https://page.example.org'])
    assert.deepEqual(
      config.apiKeys.map(({ secret }) => secret),
      ['a-secret'],
    )
    const both = loadConfig({
      FRONTEND_URL: 'https://a.example',
      ALLOWED_ORIGINS: 'https://b.example',
    })
    assert.deepEqual(both.allowedOrigins, ['https://a.example'])
  })

  it('gives a bare key every scope but operator, others what they name', () => {
    const { apiKeys, openOnLoopback } = loadConfig({
      API_KEYS: 'bare, two:finance + chat,boss:operator',
    })
    assert.deepEqual(apiKeys, [
      { secret: 'bare', scopes: ['classify', 'finance', 'chat', 'mailbox'] },
      { secret: 'two', scopes: ['finance', 'chat'] },
      { secret: 'boss', scopes: ['operator'] },
    ])
    assert.equal(openOnLoopback, false)
  })

  it('names what the replaced systems needed and this one does not', () => {
    const { unneeded } = loadConfig({
      KAFKA_BROKERS: 'a',
      MODEL_PATH: 'b',
      ALGORITHM: 'HS256',
      DB_DRIVER: 'c',
      EMBEDDING_API_URL: 'd',
      HOME: '/home',
    })
    assert.deepEqual(unneeded, [
      'KAFKA_BROKERS',
      'MODEL_PATH',
      'ALGORITHM',
      'DB_DRIVER',
      'EMBEDDING_API_URL',
    ])
  })
})

describe('loadConfig() beyond loopback', () => {
  it('refuses to start without SECRET_KEY and API_KEYS', () => {
    for (const host of ['0.0.0.0', '::', '192.168.0.10', 'triagem.example.org']) {
      assertRefuses({ HOST: host }, /SECRET_KEY/)
      assertRefuses({ HOST: host, SECRET_KEY: longSecret }, /API_KEYS/)
      assertRefuses({ HOST: host, API_KEYS: 'a-secret' }, /SECRET_KEY/)
      const config = loadConfig({ HOST: host, SECRET_KEY: longSecret, API_KEYS: goodKey })
      assert.equal(config.openOnLoopback, false)
    }
  })

  it('refuses to start with a key that is easy to guess, and says how to make a good one', () => {
    const beyond = { HOST: '0.0.0.0', SECRET_KEY: longSecret }
    const guessable = [
      'a',
      goodKey.slice(0, 21),
      'a'.repeat(40),
      'abcdefghi'.repeat(4),
      `${goodKey},short`,
      'short:finance',
    ]
    for (const keys of guessable)
      assertRefuses({ ...beyond, API_KEYS: keys }, /easy to guess.*triagem key/)
    assertRefuses({ ...beyond, API_KEY: 'a' }, /easy to guess/)
    for (const keys of [goodKey, `${goodKey}:finance+chat`, `${'abcdefghij'.repeat(2)}ab`])
      assert.equal(loadConfig({ ...beyond, API_KEYS: keys }).apiKeys.length, 1, keys)
    assert.equal(loadConfig({ API_KEYS: 'a' }).apiKeys[0]?.secret, 'a')
  })

  it('knows every name of loopback', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST'])
      assert.equal(loadConfig({ HOST: host }).openOnLoopback, true, host)
  })
})

describe('loadConfig() of what is wrong', () => {
  it('says it in plain words', () => {
    assertRefuses(
      { PORT: 'abc' },
      /^PORT must be a number\. Correct it in the environment or in \.env\.$/,
    )
    assertRefuses({ PORT: '1.5' }, /^PORT must be a whole number\./)
    assertRefuses({ PORT: '-1' }, /^PORT must be at least 0\./)
    assertRefuses({ PORT: '70000' }, /^PORT must be at most 65535\./)
    assertRefuses({ DEBUG: 'perhaps' }, /^DEBUG must be true or false\./)
    assertRefuses({ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of fatal, error/)
    assertRefuses(
      { TRUST_PROXY: 'some' },
      /^TRUST_PROXY must be a whole number, or true or false\./,
    )
    assertRefuses({ DATABASE_URL: 'mysql://db/x' }, /^DATABASE_URL must be a URL like postgres:/)
    assertRefuses({ MIN_FREE_DISK: 'much' }, /^MIN_FREE_DISK must be a size like 200 MB or 1 GB\./)
  })

  it('names two settings that have the same port', () => {
    assertRefuses({ PORT: '7233' }, /^PORT and TEMPORAL_PORT are both 7233: give each a port/)
  })

  it('reads sizes with their unit', () => {
    assert.equal(loadConfig({ MIN_FREE_DISK: '1.5 GB' }).minFreeDiskBytes, 1.5 * 1024 ** 3)
    assert.equal(loadConfig({ MIN_FREE_DISK: '10mb' }).minFreeDiskBytes, 10 * 1024 ** 2)
    assert.equal(loadConfig({ MIN_FREE_DISK: '4096' }).minFreeDiskBytes, 4096)
  })
})

describe('loadConfig() of accounts', () => {
  const beyond = { HOST: '0.0.0.0', SECRET_KEY: longSecret, API_KEYS: goodKey }

  it('lets people register on loopback, and beyond it only where that is said', () => {
    assert.equal(loadConfig(beyond).registration, 'closed')
    assert.equal(loadConfig({ ...beyond, REGISTRATION: 'open' }).registration, 'open')
    assert.equal(loadConfig({ REGISTRATION: 'closed' }).registration, 'closed')
    assertRefuses({ REGISTRATION: 'yes' }, /REGISTRATION must be one of open, closed\./)
  })

  it('takes how long a sign-in lasts, in whole minutes, thirty days at most', () => {
    assert.equal(loadConfig({ ACCESS_TOKEN_EXPIRE_MINUTES: '5' }).accessTokenMinutes, 5)
    assert.equal(loadConfig({ ACCESS_TOKEN_EXPIRE_MINUTES: '43200' }).accessTokenMinutes, 43_200)
    for (const minutes of ['0', '-1', '1.5', '43201', 'long'])
      assertRefuses({ ACCESS_TOKEN_EXPIRE_MINUTES: minutes }, /ACCESS_TOKEN_EXPIRE_MINUTES/)
  })
})

describe('loadConfig() of the cluster form', () => {
  it('needs every secret with DATABASE_URL, DB_HOST or TEMPORAL_ADDRESS, on loopback too', () => {
    const forms: Record<string, string>[] = [
      { DATABASE_URL: 'postgres://triagem@db/triagem' },
      { DB_HOST: 'db' },
      { TEMPORAL_ADDRESS: 'temporal:7233' },
    ]
    for (const form of forms) {
      assertRefuses(form, /ENC_KEY, HASH_KEY, SECRET_KEY/)
      for (const name of ['ENC_KEY', 'HASH_KEY', 'SECRET_KEY'] as const)
        assertRefuses({ ...form, ...clusterSecrets, [name]: '' }, new RegExp(name))
      assert.doesNotThrow(() => loadConfig({ ...form, ...clusterSecrets }))
    }
  })

  it('takes a URL, or its parts with whatever is in the password', () => {
    assert.deepEqual(loadConfig(server).database, { kind: 'postgres', url: server.DATABASE_URL })
    const { database } = loadConfig({
      ...clusterSecrets,
      DB_HOST: 'db',
      DB_PORT: '5433',
      DB_USER: 'ana@office',
      DB_PASSWORD: 'p@ss/w:rd?#%',
      DB_NAME: 'my base',
    })
    assert.ok(database.kind === 'postgres')
    const url = new URL(database.url)
    assert.deepEqual([url.hostname, url.port], ['db', '5433'])
    assert.deepEqual([url.username, url.password, url.pathname].map(decodeURIComponent), [
      'ana@office',
      'p@ss/w:rd?#%',
      '/my base',
    ])
  })

  it('takes the Temporal server’s address, and allows a UI only where it is named', () => {
    const config = loadConfig({ ...clusterSecrets, TEMPORAL_ADDRESS: 'temporal:7233' })
    assert.deepEqual(config.temporal, { kind: 'server', address: 'temporal:7233' })
    assert.deepEqual(config.temporalUiOrigins, [])
    const named = loadConfig({
      ...clusterSecrets,
      TEMPORAL_ADDRESS: 'temporal:7233',
      TEMPORAL_UI_ORIGIN: 'https://ui.example.org/',
    })
    assert.deepEqual(named.temporalUiOrigins, ['https://ui.example.org'])
  })
})

describe('loadConfig() of the provider', () => {
  const inference = (env: Record<string, string>) => loadConfig(env).inference

  it('asks an endpoint first, then Gemini, then Hugging Face', () => {
    const all = {
      INFERENCE_ENDPOINT: 'http://localhost:1234/v1/chat/completions',
      GEMINI_API_KEY: 'g-key',
      HF_API_KEY: 'h-key',
    }
    assert.deepEqual(inference(all), {
      provider: 'openai',
      endpointUrl: all.INFERENCE_ENDPOINT,
      model: 'default',
      apiKey: 'h-key',
    })
    assert.deepEqual(inference({ ...all, INFERENCE_ENDPOINT: '' }), {
      provider: 'gemini',
      apiKey: 'g-key',
      model: 'gemini-2.5-flash',
    })
    assert.deepEqual(inference({ HF_API_KEY: 'h-key', INFERENCE_MODEL: 'a/model' }), {
      provider: 'huggingface',
      apiKey: 'h-key',
      model: 'a/model',
    })
  })

  it('needs no key for an endpoint', () => {
    assert.deepEqual(inference({ INFERENCE_ENDPOINT: 'http://h/v1', INFERENCE_MODEL: 'm' }), {
      provider: 'openai',
      endpointUrl: 'http://h/v1',
      model: 'm',
    })
  })
})
