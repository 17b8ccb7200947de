import type { Db } from '../../../db/database.js'
import { deleteIdempotencyKeys } from '../../../db/idempotency.js'
import type { KeyRing } from '../../../db/key-ring.js'
import { deleteEndedRuns, deleteRemovedRuns } from '../../../db/runs.js'
import { daysBefore } from '../../../services/housekeeping/clean-up.js'
import type { FindRunKind, RunKind } from '../../../services/runs/run-kind.js'
import type { RunService } from '../../../services/runs/run-service.js'
import type { Subject } from '../../subject.js'
import { runErrors } from './errors.js'
import { createRunSocket } from './run-socket.js'
import { createRunRoutes } from './runs.js'

export interface RunsParts {
  readonly db: Db
  readonly keys: KeyRing
  readonly kinds: readonly RunKind[]
  readonly findKind: FindRunKind
  readonly runs: RunService
}

/** What takes time, whatever its kind (contract Common). */
export const runsSubject: Subject<RunsParts> = {
  name: 'runs',
  errors: runErrors,
  runKinds: [],
  cleanUps: [
    { name: 'idempotency keys', run: (db, now) => deleteIdempotencyKeys(db, daysBefore(now, 1)) },
    { name: 'removed runs', run: (db, now) => deleteRemovedRuns(db, daysBefore(now, 1)) },
    {
      name: 'ended runs',
      run: (db, now, { keepJobsDays }) => deleteEndedRuns(db, daysBefore(now, keepJobsDays)),
    },
  ],
  serve: (parts) => ({
    routes: createRunRoutes(parts),
    views: [createRunSocket(parts)],
    channels: [],
  }),
}
