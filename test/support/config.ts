import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, loadConfig } from '../../config/load-config.js'

/** Keys that are known to all: for tests and exported histories, never for anything that holds secrets. */
export const testKeys = {
  ENC_KEY: 'test-encryption-key-known-to-everybody',
  HASH_KEY: 'test-hash-key-known-to-everybody',
  SECRET_KEY: 'test-signing-key-known-to-everybody',
} as const

/** The settings of a test: nothing comes from the environment of whoever runs it. */
export function testConfig(env: Readonly<Record<string, string>> = {}): Config {
  return loadConfig({
    PORT: '0',
    LOG_LEVEL: 'silent',
    DATA_DIR: join(tmpdir(), 'triagem-test-unused'),
    PATH: process.env['PATH'],
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
    ...testKeys,
    ...env,
  })
}
