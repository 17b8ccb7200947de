import { categories, isTopic, languages } from '../labels.js'
import type { LabelledSample } from '../samples.js'
import { quote, sayRows } from './say-rows.js'

/** Gives a sentence for each kind of mistake: labels, topics and languages that a mail model doesn't have. */
export function checkMail(samples: readonly LabelledSample[]): readonly string[] {
  const known = new Set<string>(categories)
  const spoken = new Set<string>(['', ...languages])
  const list = (values: readonly string[]) => [...new Set(values)].slice(0, 5).map(quote).join(', ')
  const labels = samples.map(({ label }) => label).filter((label) => !known.has(label))
  const topics = samples.flatMap(({ topic = '' }) =>
    topic === '' || isTopic(topic) ? [] : [topic],
  )
  const others = samples
    .map(({ language = '' }) => language)
    .filter((language) => !spoken.has(language))
  return [
    ...(labels.length > 0
      ? [
          `Mail is ${categories.join(' or ')}, not ${list(labels)}: relabel ${sayRows(labels.length)}.`,
        ]
      : []),
    ...(topics.length > 0
      ? [
          `No kind of mail is called ${list(topics)}: correct the topic of ${sayRows(topics.length)}.`,
        ]
      : []),
    ...(others.length > 0
      ? [
          `Mail is learned in ${languages.join(' and ')}, not in ${list(others)}: take ${sayRows(others.length)} out.`,
        ]
      : []),
  ]
}
