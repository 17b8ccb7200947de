import type { Context } from 'koa'
import { z } from 'zod'
import {
  scheduleActions,
  type Schedules,
  type ScheduleState,
} from '../../../services/adapters/temporal-schedules.js'
import { getReceivedBody, parseFields } from '../../http/body.js'
import { commonErrors } from '../../http/common-errors.js'
import { ApiError } from '../../http/errors.js'
import type { Route } from '../../http/route.js'
import { operationErrors } from './errors.js'

const scheduleSchema = z
  .object({
    name: z.string(),
    note: z.string().describe('what it does'),
    paused: z.boolean(),
    every_seconds: z.number(),
    last_run: z.iso.datetime().nullable(),
    next_run: z.iso.datetime().nullable().describe('null while it is paused'),
  })
  .meta({ id: 'Schedule' })

const move = z.object({ action: z.enum(scheduleActions) })
const params = z.object({ name: z.string() })

/** What runs by itself: when it ran, when it runs next; paused, resumed, run now. */
export function createScheduleRoutes(schedules: Schedules): Route[] {
  const common = { tag: 'Operation', access: 'operator' } as const
  return [
    {
      ...common,
      method: 'get',
      path: '/schedules',
      summary: 'What runs by itself, when it ran and when it runs next',
      success: { description: 'The schedules', body: z.array(scheduleSchema) },
      errors: [commonErrors.unavailable],
      handle: async (ctx) => {
        ctx.body = (await schedules.list()).map(render)
      },
    },
    {
      ...common,
      method: 'post',
      path: '/schedules/:name',
      summary: 'Pause a schedule, resume it, or run it now',
      params,
      request: { 'application/json': move },
      success: { description: 'How it is now', body: scheduleSchema },
      errors: [
        operationErrors.schedule_not_found,
        commonErrors.invalid_body,
        commonErrors.unavailable,
      ],
      handle: async (ctx) => {
        const { action } = parseFields(move, getReceivedBody(ctx).fields)
        const { params: given } = ctx as Context & { params: Record<string, string> }
        const state = await schedules.move(given['name'] ?? '', action)
        if (state === undefined) throw new ApiError(operationErrors.schedule_not_found)
        ctx.body = render(state)
      },
    },
  ]
}

const render = (state: ScheduleState): z.infer<typeof scheduleSchema> => ({
  name: state.name,
  note: state.note,
  paused: state.isPaused,
  every_seconds: state.everySeconds,
  last_run: state.lastRun?.toISOString() ?? null,
  next_run: state.nextRun?.toISOString() ?? null,
})
