import assert from 'node:assert/strict'
import {
  type ScheduleState,
  SchedulesUnavailableError,
} from '../../../../services/adapters/temporal-schedules.js'
import { postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

const sweep: ScheduleState = {
  name: 'sweep-runs',
  note: 'Start runs that nothing runs.',
  isPaused: false,
  everySeconds: 60,
  lastRun: new Date(Date.UTC(2026, 0, 1)),
  nextRun: undefined,
}

describe('schedules', () => {
  const moved: unknown[] = []
  let isAway: boolean
  let api: TestApi
  beforeEach(async () => {
    moved.length = 0
    isAway = false
    api = await startApi({
      env: { API_KEYS: 'o-p-e-r-a-t-o-r-0123456789:operator,c-l-a-s-s-i-f-y-0123456789:classify' },
      schedules: {
        list: () =>
          isAway ? Promise.reject(new SchedulesUnavailableError('away')) : Promise.resolve([sweep]),
        move: (name, action) => {
          moved.push([name, action])
          return Promise.resolve(
            name === sweep.name ? { ...sweep, isPaused: action === 'pause' } : undefined,
          )
        },
      },
    })
  })
  afterEach(() => api.close())

  const operator = { 'x-api-key': 'o-p-e-r-a-t-o-r-0123456789' }
  const shown = {
    name: 'sweep-runs',
    note: 'Start runs that nothing runs.',
    paused: false,
    every_seconds: 60,
    last_run: '2026-01-01T00:00:00.000Z',
    next_run: null,
  }

  it('are listed and moved by an operator', async () => {
    assert.deepEqual((await send(api, '/schedules', { headers: operator })).list, [shown])
    const paused = await postJson(api, '/schedules/sweep-runs', { action: 'pause' }, operator)
    assert.deepEqual([paused.status, paused.json], [200, { ...shown, paused: true }])
    assert.deepEqual(moved, [['sweep-runs', 'pause']])
  })

  it('are nobody else’s business', async () => {
    const headers = { 'x-api-key': 'c-l-a-s-s-i-f-y-0123456789' }
    assert.equal((await send(api, '/schedules', { headers })).status, 403)
    assert.equal((await send(api, '/schedules')).status, 401)
    const moving = await postJson(api, '/schedules/sweep-runs', { action: 'run' }, headers)
    assert.equal(moving.status, 403)
    assert.deepEqual(moved, [])
  })

  it('say which is not there, what can not be done, and that Temporal is away', async () => {
    const unknown = await postJson(api, '/schedules/lunch', { action: 'run' }, operator)
    assert.deepEqual([unknown.status, unknown.json['code']], [404, 'schedule_not_found'])
    const wrong = await postJson(api, '/schedules/sweep-runs', { action: 'stop' }, operator)
    assert.equal(wrong.status, 422)
    isAway = true
    const away = await send(api, '/schedules', { headers: operator })
    assert.deepEqual([away.status, away.json['code']], [503, 'unavailable'])
    assert.ok(away.headers['retry-after'])
  })
})
