import { z } from 'zod'

export const inferenceShape = {
  HF_API_KEY: z.string().optional(),
  GEMINI_API_KEY: z.string().optional(),
  GEMINI_MODEL: z.string().default('gemini-2.5-flash'),
  INFERENCE_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be a full http(s) URL' })
    .optional(),
  INFERENCE_MODEL: z.string().optional(),
}

export type InferenceSetting =
  | { readonly provider: 'huggingface'; readonly apiKey: string; readonly model: string }
  | { readonly provider: 'gemini'; readonly apiKey: string; readonly model: string }
  | {
      readonly provider: 'openai'
      readonly apiKey?: string
      readonly model: string
      readonly endpointUrl: string
    }

/** @returns undefined where no provider is set: the local engine does all */
export function readInference(
  e: z.infer<z.ZodObject<typeof inferenceShape>>,
): InferenceSetting | undefined {
  if (e.INFERENCE_ENDPOINT !== undefined)
    return {
      provider: 'openai',
      endpointUrl: e.INFERENCE_ENDPOINT,
      model: e.INFERENCE_MODEL ?? 'default',
      ...(e.HF_API_KEY === undefined ? {} : { apiKey: e.HF_API_KEY }),
    }
  if (e.GEMINI_API_KEY !== undefined)
    return { provider: 'gemini', apiKey: e.GEMINI_API_KEY, model: e.GEMINI_MODEL }
  if (e.HF_API_KEY === undefined) return undefined
  return {
    provider: 'huggingface',
    apiKey: e.HF_API_KEY,
    model: e.INFERENCE_MODEL ?? 'meta-llama/Llama-3.1-8B-Instruct',
  }
}
