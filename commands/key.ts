import { randomBytes } from 'node:crypto'
import { isHardToGuess } from '../config/access.js'
import { ConfigError } from '../config/values.js'

const keyBytes = 32

/**
 * Makes a key for API_KEYS and says it alone, so that a script can take it as it is.
 *
 * @throws ConfigError where anything follows `triagem key`
 */
export function runKey(args: readonly string[], say: (line: string) => void): void {
  if (args.length > 0) throw new ConfigError('Usage: triagem key')
  say(makeKey())
}

/** Without a comma or a colon, which part the entries of API_KEYS. */
export function makeKey(): string {
  const key = randomBytes(keyBytes).toString('base64url')
  return isHardToGuess(key) ? key : makeKey()
}
