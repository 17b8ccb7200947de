import type { Db } from '../../../db/database.js'
import type { KeyRing } from '../../../db/key-ring.js'
import type { Metrics } from '../../../services/adapters/metrics.js'
import { createPayloadCodec } from '../../../services/adapters/payload-codec.js'
import type { TemporalHealth } from '../../../services/adapters/temporal-health.js'
import type { AccessControl } from '../../access/access-control.js'
import type { Subject } from '../../subject.js'
import { createAuditRoute } from './audit.js'
import { createCodecRoute } from './codec.js'
import { createHealthRoute } from './health.js'
import { createMetricsRoute } from './metrics.js'

export interface OperationInput {
  readonly db: Db
  readonly keys: KeyRing
  readonly metrics: Metrics
  readonly version: string
  readonly access: Pick<AccessControl, 'authenticate'>
  /** Asks Temporal whether it is there and whether workers poll. */
  readonly checkTemporal: () => Promise<TemporalHealth>
}

/** What operators look at: health, figures, the audit, and the payloads in Temporal's UI. */
export function createOperationSubject(input: OperationInput): Subject {
  const { db, keys, metrics, access } = input
  return {
    name: 'operation',
    routes: [
      createAuditRoute(db),
      createHealthRoute({ ...input, authenticate: access.authenticate }),
      createMetricsRoute(metrics, db),
      createCodecRoute(createPayloadCodec(keys)),
    ],
    errors: {},
  }
}
