import type { AccessControl } from '../../api/access/access-control.js'
import type { SocketImplementation } from '../../api/live/sockets/create-socket-server.js'
import { accountsSubject } from '../../api/routes/accounts/subject.js'
import { batchesSubject } from '../../api/routes/batches/subject.js'
import { emailClassificationSubject } from '../../api/routes/email-classification/subject.js'
import { internalMailSubject } from '../../api/routes/internal-mail/subject.js'
import { modelsSubject } from '../../api/routes/models/subject.js'
import { operationSubject } from '../../api/routes/operation/subject.js'
import { runsSubject } from '../../api/routes/runs/subject.js'
import type { Subject } from '../../api/subject.js'
import type { Db } from '../../db/database.js'
import type { AccountService } from '../../services/accounts/account-service.js'
import type { Tokens } from '../../services/accounts/tokens.js'
import type { TemporalHealth } from '../../services/adapters/temporal-health.js'
import type { ModelServiceInput } from '../../services/models/model-service.js'
import type { RunService } from '../../services/runs/run-service.js'
import type { Dependencies } from './dependencies.js'

/** All that subjects are made from where they serve; each takes what it needs. */
export interface SubjectParts extends Pick<
  Dependencies,
  'config' | 'findKind' | 'hash' | 'keys' | 'kinds' | 'log' | 'metrics'
> {
  readonly db: Db
  readonly version: string
  readonly accounts: AccountService
  readonly tokens: Tokens
  readonly access: AccessControl
  readonly runs: RunService
  readonly models: Omit<ModelServiceInput, 'db'>
  readonly checkTemporal: () => Promise<TemporalHealth>
  readonly findSockets: () => SocketImplementation | undefined
}

export type ProductSubject = Subject<SubjectParts>

/** The subjects of the product. A new one is added here. */
export const productSubjects: readonly ProductSubject[] = [
  runsSubject,
  emailClassificationSubject,
  batchesSubject,
  accountsSubject,
  internalMailSubject,
  modelsSubject,
  operationSubject,
]
