import assert from 'node:assert/strict'
import { commonErrors, mergeErrors } from '../../../api/http/common-errors.js'
import type { ReaderLanguage } from '../../../api/http/reader-language.js'
import { productSubjects } from '../../../commands/processes/subjects.js'
import type { Answer } from './send.js'

const declared = mergeErrors([commonErrors, ...productSubjects.map(({ errors }) => errors)])

/** The contract's error body: one sentence under the three names that clients read, and the code. */
export function assertRefused(
  answer: Answer,
  status: number,
  code: string,
  language: ReaderLanguage = 'pt',
): void {
  assert.equal(answer.status, status, answer.text)
  const sentence = declared.get(code)?.[language]
  assert.ok(sentence !== undefined, `${code} is not declared`)
  const { detail, ...rest } = answer.json
  assert.deepEqual(rest, { message: sentence, error: sentence, code })
  if (code === 'invalid_body' || code === 'invalid_json') assertProblems(detail)
  else assert.equal(detail, sentence)
}

function assertProblems(detail: unknown): void {
  assert.ok(Array.isArray(detail) && detail.length > 0)
  for (const problem of detail as Record<string, unknown>[]) {
    assert.deepEqual(Object.keys(problem).sort(), ['loc', 'msg', 'type'])
    assert.ok(Array.isArray(problem['loc']))
    assert.equal(typeof problem['msg'], 'string')
    assert.equal(typeof problem['type'], 'string')
  }
}

/** What an answer must never say, whatever went wrong. */
export function assertNoInnards({ text }: Pick<Answer, 'text'>): void {
  assert.doesNotMatch(
    text,
    /\n\s+at |node_modules|\.(ts|js):\d|\/work\/|select |insert into|ECONNREFUSED|idempotency_keys/i,
  )
}
