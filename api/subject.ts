import type { RunNews } from '../db/run-progress.js'
import type { CleanUp } from '../services/housekeeping/clean-up.js'
import type { RunKind } from '../services/runs/run-kind.js'
import type { ErrorTable } from './http/common-errors.js'
import type { Route } from './http/route.js'
import type { CreateChannel } from './live/socket-channel.js'
import type { StateView } from './live/state-view.js'
import type { RunWithResult } from './routes/runs/run-source.js'

/**
 * One subject of the product: all that the API, the gateway, the workers and the housekeeping have to know of it.
 * Its folder below routes/ exports one. A new one is added in commands/processes/subjects.ts.
 *
 * @typeParam Parts what it is made from where it serves
 */
export interface Subject<Parts> {
  readonly name: string
  /** What it refuses. No code may be another subject's too. */
  readonly errors: ErrorTable
  /** What of it takes time. */
  readonly runKinds: readonly RunKind[]
  /** What of it expires. */
  readonly cleanUps: readonly CleanUp[]
  /** Makes what it serves; called in a process that has an API or a gateway. */
  serve(parts: Parts): ServedSubject
}

/** What a subject answers with. */
export interface ServedSubject {
  readonly routes: readonly Route[]
  /** Sockets that follow one run. */
  readonly views: readonly StateView<RunNews, RunWithResult>[]
  /** Sockets of its own, such as those that follow a list. */
  readonly channels: readonly CreateChannel[]
}

/** Most subjects have no sockets. */
export const servesRoutes = (routes: readonly Route[]): ServedSubject => ({
  routes,
  views: [],
  channels: [],
})
