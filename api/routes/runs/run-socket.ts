import type { RunNews } from '../../../db/run-progress.js'
import type { FindRunKind } from '../../../services/runs/run-kind.js'
import type { RunService } from '../../../services/runs/run-service.js'
import type { StateView } from '../../live/state-view.js'
import { noticeSentences, runErrors } from './errors.js'
import type { RunWithResult } from './run-source.js'
import { createRunRenderer } from './run-state.js'

export interface RunSocketInput {
  readonly findKind: FindRunKind
  readonly runs: Pick<RunService, 'cancel'>
}

/** `/ws/runs/{id}`: the state of one run, whatever its kind, and its cancel (contract Common). */
export function createRunSocket({
  findKind,
  runs,
}: RunSocketInput): StateView<RunNews, RunWithResult> {
  const { renderProgress, renderRow } = createRunRenderer(findKind)
  return {
    label: '/ws/runs',
    path: /^\/ws\/runs\/([^/]{1,200})\/?$/,
    accepts: () => true,
    renderProgress,
    renderRow,
    renderUnknown: (id, language) => ({
      ...{ id, kind: null, status: 'failed', step: '', step_code: 'stopped', progress: 0 },
      ...{ done: null, total: null, error: runErrors.run_not_found[language] },
      ...{ error_code: 'run_not_found', result: null, created_at: null, ended_at: null },
      ...{ seq: 0, epoch: 0 },
    }),
    commands: {
      cancel: { run: (id) => runs.cancel(id), failed: noticeSentences.not_cancelled },
    },
    notUnderstood: noticeSentences.not_understood,
  }
}
