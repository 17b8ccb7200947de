import type { KeyedHash } from '../../../db/key-ring.js'
import type { Config } from '../../../config/load-config.js'
import type { Tokens } from '../../../services/accounts/tokens.js'
import {
  createInternalMailService,
  type InternalMailServiceInput,
} from '../../../services/internal-mail/internal-mail-service.js'
import type { Subject } from '../../subject.js'
import { internalMailErrors } from './errors.js'
import { createMailFeed } from './mail-socket.js'
import { createMessageRoutes } from './messages.js'

export interface InternalMailParts extends InternalMailServiceInput {
  readonly tokens: Pick<Tokens, 'read'>
  readonly hash: KeyedHash
  readonly config: Pick<Config, 'mailSocketsPerMinute'>
}

/** Accounts write to each other (contract 2). */
export const internalMailSubject: Subject<InternalMailParts> = {
  name: 'internal-mail',
  errors: internalMailErrors,
  runKinds: [],
  cleanUps: [],
  serve: (parts) => ({
    routes: createMessageRoutes({
      service: createInternalMailService(parts),
      hash: parts.hash,
    }),
    views: [],
    channels: [
      () =>
        createMailFeed({
          ...parts,
          maxOpeningsPerMinute: parts.config.mailSocketsPerMinute,
        }),
    ],
  }),
}
