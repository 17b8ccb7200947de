export { classifyBatch } from './classify-batch.js'
export { classifyEmail } from './classify-email.js'
export { keepHouse, sweepRuns } from './scheduled.js'
