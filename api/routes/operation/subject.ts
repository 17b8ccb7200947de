import type { Config } from '../../../config/load-config.js'
import type { Db } from '../../../db/database.js'
import type { KeyRing } from '../../../db/key-ring.js'
import { deleteExpiredRateLimits } from '../../../db/rate-limits.js'
import type { Metrics } from '../../../services/adapters/metrics.js'
import { createPayloadCodec } from '../../../services/adapters/payload-codec.js'
import type { Schedules } from '../../../services/adapters/temporal-schedules.js'
import type { FreeDisk } from '../../../services/housekeeping/free-disk.js'
import type { TemporalHealth } from '../../../services/adapters/temporal-health.js'
import type { AccessControl } from '../../access/access-control.js'
import type { SocketImplementation } from '../../live/gateway.js'
import { servesRoutes, type Subject } from '../../subject.js'
import { createAuditRoute } from './audit.js'
import { createCodecRoute } from './codec.js'
import { createHealthRoute } from './health.js'
import { operationErrors } from './errors.js'
import { createMetricsRoute } from './metrics.js'
import { createScheduleRoutes } from './schedules.js'

export interface OperationParts {
  readonly db: Db
  readonly keys: KeyRing
  readonly metrics: Metrics
  readonly version: string
  readonly config: Pick<Config, 'openOnLoopback'>
  readonly access: Pick<AccessControl, 'authenticate'>
  /** Asks Temporal whether it is there and whether workers poll. */
  readonly checkTemporal: () => Promise<TemporalHealth>
  readonly schedules: Schedules
  readonly disk: Pick<FreeDisk, 'isLow'>
  /** What serves the sockets; undefined where the gateway is another process, or not open yet. */
  readonly findSockets: () => SocketImplementation | undefined
}

/** What operators look at: health, figures, the audit, and the payloads in Temporal's UI. */
export const operationSubject: Subject<OperationParts> = {
  name: 'operation',
  errors: operationErrors,
  runKinds: [],
  cleanUps: [{ name: 'limits', run: (db, now) => deleteExpiredRateLimits(db, now.getTime()) }],
  serve: (parts) => {
    const { db, keys, metrics, access } = parts
    return servesRoutes([
      createAuditRoute(db),
      createHealthRoute({ ...parts, authenticate: access.authenticate }),
      createMetricsRoute(metrics, db),
      createCodecRoute(createPayloadCodec(keys)),
      ...createScheduleRoutes(parts.schedules),
    ])
  },
}
