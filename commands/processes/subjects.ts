import type { AccessControl } from '../../api/access/access-control.js'
import { createAccountsSubject } from '../../api/routes/accounts/subject.js'
import { createEmailClassificationSubject } from '../../api/routes/email-classification/subject.js'
import { createInternalMailSubject } from '../../api/routes/internal-mail/subject.js'
import { createModelsSubject } from '../../api/routes/models/subject.js'
import { createOperationSubject } from '../../api/routes/operation/subject.js'
import type { Subject } from '../../api/subject.js'
import type { AccountService } from '../../services/accounts/account-service.js'
import type { TemporalHealth } from '../../services/adapters/temporal-health.js'
import type { ModelServiceInput } from '../../services/models/model-service.js'
import type { Dependencies } from './dependencies.js'

/** All that subjects are made from; each takes what it needs. */
export interface SubjectParts extends Pick<
  Dependencies,
  'config' | 'database' | 'hash' | 'keys' | 'log' | 'metrics' | 'runner'
> {
  readonly version: string
  readonly accounts: AccountService
  readonly access: AccessControl
  readonly models: Omit<ModelServiceInput, 'db'>
  readonly checkTemporal: () => Promise<TemporalHealth>
}

/** The subjects of the product. A new one is added here. */
export function createSubjects(parts: SubjectParts): readonly Subject[] {
  const input = { ...parts, db: parts.database.db }
  return [
    createEmailClassificationSubject(input),
    createAccountsSubject(input),
    createInternalMailSubject(input),
    createModelsSubject({ ...input, ...parts.models }),
    createOperationSubject(input),
  ]
}
