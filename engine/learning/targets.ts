import type { HeadTargets } from './fit.js'
import type { Grouping } from '../model/judge.js'
import { categories, categoryOfTopic, languages, topics, isTopic } from '../labels.js'
import type { LabelledSample } from '../samples.js'
import type { Task } from '../tasks.js'

/** What a task's model answers. The first head is the one that is reported, in groups of its labels. */
export interface TaskTargets {
  readonly heads: readonly HeadTargets[]
  readonly grouping: Grouping
  /** For each sample the position of its group. */
  readonly groups: Int32Array
}

/** Turns the labels of samples into positions. */
export function findTargets(task: Task, samples: readonly LabelledSample[]): TaskTargets {
  return task === 'email' ? findEmailTargets(samples) : findLabelTargets(samples)
}

/** Sorts the labels, so that the order of the samples doesn't matter. */
function findLabelTargets(samples: readonly LabelledSample[]): TaskTargets {
  const labels = [...new Set(samples.map(({ label }) => label))].toSorted()
  const places = new Map(labels.map((label, place) => [label, place]))
  const targets = Int32Array.from(samples, ({ label }) => places.get(label) ?? 0)
  return {
    heads: [{ labels, targets }],
    grouping: { groups: labels, groupOf: labels.map((_, place) => place) },
    groups: targets,
  }
}

/** Mail is learned by topic and reported by category. Its language is a head of its own. */
function findEmailTargets(samples: readonly LabelledSample[]): TaskTargets {
  const topicTargets = Int32Array.from(samples, (sample) => topics.indexOf(topicOf(sample)))
  const languageTargets = Int32Array.from(samples, ({ language }) => (language === 'en' ? 1 : 0))
  return {
    heads: [
      { labels: topics, targets: topicTargets },
      { labels: languages, targets: languageTargets },
    ],
    grouping: emailGrouping,
    groups: Int32Array.from(samples, ({ label }) => (label === categories[1] ? 1 : 0)),
  }
}

const emailGrouping: Grouping = {
  groups: categories,
  groupOf: topics.map((topic) => categories.indexOf(categoryOfTopic(topic))),
}

/** A mail labelled by its category alone counts as one of no particular kind. */
function topicOf({ label, topic = '' }: LabelledSample) {
  if (isTopic(topic)) return topic
  return label === categories[1] ? 'informative' : 'other_request'
}
