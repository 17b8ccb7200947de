import {
  createModelService,
  type ModelServiceInput,
} from '../../../services/models/model-service.js'
import type { AccessControl } from '../../access/access-control.js'
import type { Subject } from '../../subject.js'
import { modelErrors } from './errors.js'
import { createModelRoutes } from './models.js'

export interface ModelsInput extends ModelServiceInput {
  readonly access: Pick<AccessControl, 'audit'>
}

/** The models that judge texts: which there are, and which of them is in use. */
export function createModelsSubject(input: ModelsInput): Subject {
  return {
    name: 'models',
    routes: createModelRoutes({ models: createModelService(input), audit: input.access.audit }),
    errors: modelErrors,
  }
}
