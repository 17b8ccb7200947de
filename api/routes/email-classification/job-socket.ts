import type { JobProgress, JobStateRow } from '../../../db/jobs.js'
import type { KeyRing } from '../../../db/key-ring.js'
import type { JobService } from '../../../services/runs/job-service.js'
import { errorSentences, noticeSentences } from '../../http/sentences.js'
import type { StateView } from '../../live/state-view.js'
import { renderJobProgress, renderJobRow, renderUnknownJob } from './job-state.js'

export interface JobSocketInput {
  readonly keys: KeyRing
  readonly jobs: Pick<JobService, 'cancel'>
}

/** `/ws/job-status/{job_id}`: the state of one job, and its cancel (contract 1). */
export function createJobSocket({
  keys,
  jobs,
}: JobSocketInput): StateView<JobProgress, JobStateRow> {
  return {
    label: '/ws/job-status',
    path: /^\/ws\/job-status\/([^/]{1,200})\/?$/,
    accepts: () => true,
    renderProgress: renderJobProgress,
    renderRow: (row, language) => renderJobRow(row, keys, language),
    renderUnknown: (id, language) => renderUnknownJob(id, errorSentences.job_not_found[language]),
    commands: {
      cancel: { run: (id) => jobs.cancel(id), failed: noticeSentences.not_cancelled },
    },
    notUnderstood: noticeSentences.not_understood,
  }
}
