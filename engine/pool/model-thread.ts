import { createEngine } from './create-engine.js'
import { serveThread } from './serve-thread.js'

// The file that each thread of the pool runs; piscina calls these by name.
export const { predict, readCard, learn, crossValidate } = serveThread(createEngine())
