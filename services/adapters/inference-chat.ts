import type { chatCompletion } from '@huggingface/inference'
import { z } from 'zod'
import { NonsenseAnswerError } from './inference-errors.js'

export interface InferenceRequest {
  system: string
  user: string
  /** Length of the answer that is wanted; what a model thinks before comes on top. */
  maxTokens: number
  /** Asks for a JSON object where the service is known to take that wish. */
  json?: boolean
}

/** Whose variant of the protocol a server speaks; `common` is what all others understand. */
export type ChatDialect = 'openai' | 'gemini' | 'common'

type ChatRequest = Parameters<typeof chatCompletion>[0]

/**
 * Thinking counts against the token limit: with 500 a Gemini was seen to think 478 and be cut off.
 * A model that doesn't think stops by itself long before.
 */
const thinkingTokens = 4_000

const chatAnswer = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string() }),
      }),
    )
    .min(1),
})

/** One question as the body of a chat completion. */
export function chatRequest(
  model: string,
  dialect: ChatDialect,
  request: InferenceRequest,
): ChatRequest {
  return {
    model,
    messages: [
      { role: 'system', content: request.system },
      { role: 'user', content: request.user },
    ],
    ...options(dialect, request),
  }
}

/**
 * The text in a chat completion's answer, whatever came.
 *
 * @throws NonsenseAnswerError when there is none, or only the beginning of one
 */
export function chatContent(answer: unknown): string {
  const choice = chatAnswer.safeParse(answer).data?.choices[0]
  if (choice === undefined || choice.message.content.trim() === '') {
    throw new NonsenseAnswerError('The inference server answered without a text.')
  }
  if (choice.finish_reason === 'length') {
    throw new NonsenseAnswerError('The answer of the inference server is cut off.')
  }
  return choice.message.content
}

/**
 * Where servers disagree. OpenAI's own models refuse `max_tokens` and any temperature; Gemini 3 may loop
 * below its default temperature; and servers of the same protocol (LM Studio, some behind the Hugging
 * Face router) refuse the JSON mode with a 400, so only the two that are known to take it are asked.
 */
function options(
  dialect: ChatDialect,
  { maxTokens, json }: InferenceRequest,
): Partial<ChatRequest> {
  const limit = maxTokens + thinkingTokens
  const jsonMode = json === true ? { response_format: { type: 'json_object' as const } } : {}
  switch (dialect) {
    case 'openai':
      return { max_completion_tokens: limit, ...jsonMode }
    case 'gemini':
      return { max_tokens: limit, ...jsonMode }
    case 'common':
      return { max_tokens: limit, temperature: 0 }
  }
}
