import type { Logger } from 'pino'
import type { Db } from '../../../db/database.js'
import type { KeyedHash, KeyRing } from '../../../db/key-ring.js'
import { classificationRuns } from '../../../services/email-classification/classification-runs.js'
import type { RunService } from '../../../services/runs/run-service.js'
import type { Subject } from '../../subject.js'
import { createClassificationRoutes } from './classification.js'
import { classificationErrors } from './errors.js'
import { createJobSocket } from './job-socket.js'

export interface EmailClassificationParts {
  readonly db: Db
  readonly keys: KeyRing
  readonly hash: KeyedHash
  readonly log: Logger
  readonly runs: RunService
}

/** A mail comes in, is classified, and an answer is drafted (contract 1). */
export const emailClassificationSubject: Subject<EmailClassificationParts> = {
  name: 'email-classification',
  errors: classificationErrors,
  runKinds: [classificationRuns],
  cleanUps: [],
  serve: (parts) => ({
    routes: createClassificationRoutes(parts),
    views: [createJobSocket(parts)],
    channels: [],
  }),
}
