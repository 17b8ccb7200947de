import {
  createInternalMailService,
  type InternalMailServiceInput,
} from '../../../services/internal-mail/internal-mail-service.js'
import type { Subject } from '../../subject.js'
import { internalMailErrors } from './errors.js'
import { createMessageRoutes } from './messages.js'

/** Accounts write to each other (contract 2). */
export function createInternalMailSubject(input: InternalMailServiceInput): Subject {
  return {
    name: 'internal-mail',
    routes: createMessageRoutes({ service: createInternalMailService(input) }),
    errors: internalMailErrors,
  }
}
