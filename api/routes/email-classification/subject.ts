import type { Logger } from 'pino'
import type { Db } from '../../../db/database.js'
import type { KeyedHash, KeyRing } from '../../../db/key-ring.js'
import type { JobRunner } from '../../../services/runs/job-runner.js'
import { createJobService } from '../../../services/runs/job-service.js'
import type { Subject } from '../../subject.js'
import { createClassificationRoutes } from './classification.js'
import { classificationErrors } from './errors.js'

export interface EmailClassificationInput {
  readonly db: Db
  readonly keys: KeyRing
  readonly hash: KeyedHash
  readonly log: Logger
  readonly runner: JobRunner
}

/** A mail comes in, is classified, and an answer is drafted (contract 1). */
export function createEmailClassificationSubject(input: EmailClassificationInput): Subject {
  const jobs = createJobService({
    ...input,
    onUnheardCancel: (error) =>
      input.log.warn({ err: error }, 'A workflow could not be told of a cancel.'),
  })
  return {
    name: 'email-classification',
    routes: createClassificationRoutes({ ...input, jobs }),
    errors: classificationErrors,
  }
}
