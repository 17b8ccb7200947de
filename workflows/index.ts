export { classifyEmail } from './classify-email.js'
export { sweepJobs } from './sweep-jobs.js'
