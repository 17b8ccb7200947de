/** A setting that can't be used. The message names it and says what to do; it never holds a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
