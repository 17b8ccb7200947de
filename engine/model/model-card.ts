import { z } from 'zod'
import { tasks } from '../tasks.js'

const scoreSchema = z.object({ rows: z.int(), accuracy: z.number(), macroF1: z.number() })

/** Says what a model is, what it was learned from, and how good it was on texts that it had not seen. */
export const modelCardSchema = z.object({
  task: z.enum(tasks),
  version: z.string().min(1),
  /** The labels that it can report. */
  labels: z.array(z.string()).min(2),
  /** ISO date or moment. */
  made: z.string(),
  examples: z.int(),
  examplesSha256: z.string(),
  sources: z.array(z.object({ name: z.string(), licence: z.string() })),
  /** The version of the embedding that it uses; null for none. */
  embedding: z.string().nullable(),
  /** Cross-validated, in five folds. */
  quality: z.object({
    all: scoreSchema,
    classes: z.array(
      z.object({
        label: z.string(),
        rows: z.int(),
        precision: z.number(),
        recall: z.number(),
        f1: z.number(),
      }),
    ),
    languages: z.array(scoreSchema.extend({ language: z.string() })),
    /** Expected calibration error of the top label, 15 bins of equal mass. */
    calibrationError: z.number(),
    /** The share that a person is asked to review, and how often the rest is right. */
    reviewShare: z.number(),
    unreviewedAccuracy: z.number(),
  }),
})

export type ModelCard = z.infer<typeof modelCardSchema>
