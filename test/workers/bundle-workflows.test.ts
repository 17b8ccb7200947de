import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { workflowBundlePath } from '../../workers/worker.js'

describe('workflow bundle', () => {
  let code: string

  before(async () => {
    code = await readFile(workflowBundlePath, 'utf8')
  })

  it('holds our workflows and what seals their failures', () => {
    for (const part of [
      'workflows/classify-email.js',
      'workflows/scheduled.js',
      'adapters/failure-converter.cjs',
    ])
      assert.ok(code.includes(part), part)
  })

  it('holds nothing that belongs outside the sandbox', () => {
    for (const part of [
      'node_modules/kysely',
      'node_modules/zod',
      'node_modules/pg/',
      'db/runs.js',
      'activities/classify-email.js',
      'activities/record-run.js',
    ])
      assert.ok(!code.includes(part), part)
  })
})
