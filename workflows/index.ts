export { classifyBatch } from './classify-batch.js'
export { classifyEmail } from './classify-email.js'
export { sweepJobs } from './sweep-jobs.js'
