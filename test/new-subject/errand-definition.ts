import type { RunWorkflow } from '../../workflow-definitions.js'

/** The subject's line in workflow-definitions.ts. */
export const errandWorkflow: RunWorkflow<'errand'> = {
  type: 'runErrand',
  kind: 'errand',
  idPrefix: 'errand',
  summary: 'Run an errand',
}
