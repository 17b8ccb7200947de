import { z } from 'zod'
import { categories, categoryOfTopic, languages, topics } from './labels.js'

const exampleSchema = z
  .object({
    id: z.string().min(1),
    language: z.enum(languages),
    category: z.enum(categories),
    topic: z.enum(topics),
    text: z.string().min(1),
    /** Meant to be hard. */
    hard: z.boolean().default(false),
  })
  .refine(({ category, topic }) => categoryOfTopic(topic) === category, {
    error: 'the topic belongs to the other category',
    path: ['topic'],
  })

export type EmailExample = Readonly<z.infer<typeof exampleSchema>>

/**
 * Reads examples, one JSON object a line; blank lines are skipped.
 * @throws Error that names `file:line` for a line that is no example or repeats an id.
 */
export function parseExamples(fileName: string, content: string): readonly EmailExample[] {
  const examples: EmailExample[] = []
  const ids = new Set<string>()
  content.split('\n').forEach((line, index) => {
    if (line.trim() === '') return
    const place = `${fileName}:${index + 1}`
    const example = parseExample(place, line)
    if (ids.has(example.id)) throw new Error(`${place}: id ${example.id} is there twice`)
    ids.add(example.id)
    examples.push(example)
  })
  return examples
}

function parseExample(place: string, line: string): EmailExample {
  const result = exampleSchema.safeParse(parseJson(place, line))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new Error(`${place}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no example'}`)
}

function parseJson(place: string, line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new Error(`${place}: not JSON`)
  }
}
