import { setTimeout as delay } from 'node:timers/promises'
import type { Engine } from '../../../engine/pool/engine.js'
import { serveThread } from '../../../engine/pool/serve-thread.js'
import { testCard } from '../../support/models.js'

let opened = 0

/** A thread's engine whose model is its own version, written out; `sleep`, `full` and `bad` are words to it. */
const engine: Engine = {
  open: async (name, bytes) => {
    await delay(1)
    const version = bytes.toString()
    opened++
    if (version === 'damaged') throw new Error(`${name}: damaged; train again`)
    return {
      card: testCard(`${version}, opened as number ${opened}`, 'texts'),
      predict: ({ text, amount = 0 }) => {
        if (text === 'bad') throw new Error('A bad item.')
        if (text === 'sleep') sleep()
        if (text === 'full') fill()
        return {
          label: text.length > 10 ? 'long' : 'short',
          confidence: amount,
          needsReview: amount < 0.5,
          isFamiliar: text !== '',
        }
      },
    }
  },
  learn: ({ samples, task }, onProgress) => {
    onProgress('Learning', 0.5)
    if (samples.length === 0) sleep()
    const bytes = Buffer.from('learned')
    return Promise.resolve({ bytes, card: testCard('learned', task), heldOut: [] })
  },
  crossValidate: ({ samples, folds }, onProgress) => {
    for (let fold = 1; fold <= folds; fold++) onProgress(`Fold ${fold}`, fold / folds)
    const judged = { predicted: 'short', confidence: 1, needsReview: false, language: '' }
    return Promise.resolve(samples.map(({ label }) => ({ truth: label, ...judged })))
  },
}

/** Busy, as training is: it hears nothing. */
function sleep(): void {
  for (;;) if (Date.now() < 0) return
}

function fill(): void {
  const held: number[][] = []
  for (;;) held.push(Array.from({ length: 10_000 }, (_, at) => at * 1.5))
}

export const { predict, readCard, learn, crossValidate } = serveThread(engine)
