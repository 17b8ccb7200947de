import type { RunProgress } from '../../db/run-progress.js'
import type { RunReference } from './run-kind.js'

/** What becomes of a run's workflow, as far as this process may ask: see adapters/temporal-workflow-runner.ts. */
export interface WorkflowRunner {
  /**
   * Starts a run's workflow; a workflow that was started before counts as started.
   *
   * @throws where Temporal can't be reached in time; whether it started is then unknown
   */
  start(run: RunReference): Promise<void>
  /** Asks a workflow to stop; nothing where there is none. */
  cancel(run: RunReference): Promise<void>
  /** `missing`: never started, or gone after the retention. */
  findState(run: RunReference): Promise<'running' | 'closed' | 'missing'>
  /** What the workflow says of itself; undefined where it didn't answer in time. */
  queryProgress(run: RunReference): Promise<RunProgress | undefined>
  /**
   * Runs of which a workflow was closed since then without having told how it ended: ended from outside, or by an
   * operator's reset, after which another one goes on.
   */
  listClosed(since: Date): Promise<readonly RunReference[]>
}
