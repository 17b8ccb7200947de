import { batchRuns } from '../../../services/batches/batch-runs.js'
import { servesRoutes, type Subject } from '../../subject.js'

/** Many texts classified as one run; read and removed as a run, for nothing starts one by a route yet. */
export const batchesSubject: Subject<object> = {
  name: 'batches',
  errors: {},
  runKinds: [batchRuns],
  cleanUps: [],
  serve: () => servesRoutes([]),
}
