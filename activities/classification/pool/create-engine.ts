import type { Engine } from './engine.js'

/** The engine as threads use it. */
export function createEngine(): Engine {
  const absent = () => Promise.reject(new Error('The engine for any text is not there yet.'))
  return { open: absent, learn: absent, crossValidate: absent }
}
