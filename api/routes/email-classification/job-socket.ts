import { classificationKind } from '../../../db/classifications.js'
import type { RunNews } from '../../../db/run-progress.js'
import type { EmailResult } from '../../../services/email-classification/email-result.js'
import type { RunService } from '../../../services/runs/run-service.js'
import type { StateView } from '../../live/state-view.js'
import type { RunWithResult } from '../runs/run-source.js'
import { noticeSentences } from '../runs/errors.js'
import { classificationErrors } from './errors.js'
import { renderJobProgress, renderJobRow, renderUnknownJob } from './job-state.js'

/** `/ws/job-status/{job_id}`: the state of one classification, and its cancel (contract 1). */
export function createJobSocket({
  runs,
}: {
  readonly runs: Pick<RunService, 'cancel'>
}): StateView<RunNews, RunWithResult> {
  return {
    label: '/ws/job-status',
    path: /^\/ws\/job-status\/([^/]{1,200})\/?$/,
    accepts: ({ kind }) => kind === classificationKind,
    renderProgress: renderJobProgress,
    renderRow: (row, language) =>
      renderJobRow(row, row.readResult() as EmailResult | undefined, language),
    renderUnknown: (id, language) =>
      renderUnknownJob(id, classificationErrors.job_not_found[language]),
    commands: {
      cancel: { run: (id) => runs.cancel(id), failed: noticeSentences.not_cancelled },
    },
    notUnderstood: noticeSentences.not_understood,
  }
}
