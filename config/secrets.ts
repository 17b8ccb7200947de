import { z } from 'zod'
import { ConfigError } from './config-error.js'
import { readList } from './values.js'

export const secretShape = {
  SECRET_KEY: z.string().default(''),
  ENC_KEY: z.string().default(''),
  HASH_KEY: z.string().default(''),
}

/** Each list: the first writes, all read. Empty: the one-machine form generates and keeps one. */
export interface SecretSettings {
  readonly encryption: readonly string[]
  readonly hash: readonly string[]
  readonly signing: readonly string[]
}

const minSecretCharacters = 16

export const readSecrets = (e: z.infer<z.ZodObject<typeof secretShape>>): SecretSettings => ({
  encryption: readKeys('ENC_KEY', e.ENC_KEY),
  hash: readKeys('HASH_KEY', e.HASH_KEY),
  signing: readKeys('SECRET_KEY', e.SECRET_KEY),
})

function readKeys(name: string, value: string): string[] {
  const secrets = readList(value)
  if (secrets.some((secret) => secret.length < minSecretCharacters))
    throw new ConfigError(
      `${name} has a key under ${minSecretCharacters} characters. Make one with: openssl rand -hex 32`,
    )
  return secrets
}
