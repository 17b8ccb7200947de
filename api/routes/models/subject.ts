import {
  createModelService,
  type ModelServiceInput,
} from '../../../services/models/model-service.js'
import type { AccessControl } from '../../access/access-control.js'
import { servesRoutes, type Subject } from '../../subject.js'
import { modelErrors } from './errors.js'
import { createModelRoutes } from './models.js'

export interface ModelsParts extends Pick<ModelServiceInput, 'db'> {
  readonly models: Omit<ModelServiceInput, 'db'>
  readonly access: Pick<AccessControl, 'audit'>
}

/** The models that judge texts: which there are, and which of them is in use. */
export const modelsSubject: Subject<ModelsParts> = {
  name: 'models',
  errors: modelErrors,
  runKinds: [],
  cleanUps: [],
  serve: ({ db, models, access }) =>
    servesRoutes(
      createModelRoutes({ models: createModelService({ db, ...models }), audit: access.audit }),
    ),
}
