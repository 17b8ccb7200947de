import assert from 'node:assert/strict'
import { chatRequest } from '../../../services/adapters/inference-chat.js'

const request = { system: 's', user: 'u', maxTokens: 50, json: true }
const messages = [
  { role: 'system', content: 's' },
  { role: 'user', content: 'u' },
]

describe('chatRequest', () => {
  it("names the limit as OpenAI's own models want it, without a temperature", () => {
    assert.deepEqual(chatRequest('m', 'openai', request), {
      model: 'm',
      messages,
      max_completion_tokens: 4_050,
      response_format: { type: 'json_object' },
    })
  })

  it('asks for JSON only on request', () => {
    assert.ok(!('response_format' in chatRequest('m', 'openai', { ...request, json: false })))
    assert.ok(!('response_format' in chatRequest('m', 'gemini', { ...request, json: false })))
  })
})
