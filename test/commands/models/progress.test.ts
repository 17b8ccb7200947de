import assert from 'node:assert/strict'
import { createProgress } from '../../../commands/models/progress.js'

describe('createProgress', () => {
  it('should tell at once, then a line every three seconds at most', () => {
    let now = 0
    const told: string[] = []
    const onProgress = createProgress(
      (line) => told.push(line),
      () => now,
    )
    for (; now <= 7_000; now += 100) onProgress('learning', now / 10_000)
    assert.deepEqual(told, ['  0 %  learning', ' 30 %  learning', ' 60 %  learning'])
  })
})
