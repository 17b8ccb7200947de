import { categories, categoryOfTopic, topics, type Category, type Topic } from './labels.js'
import { indexOfHighest } from './softmax.js'

export interface Decision {
  readonly category: Category
  /** The category's probability, 0.5 to 1. */
  readonly confidence: number
  /** The likeliest topic of that category. */
  readonly topic: Topic
}

/**
 * Decides from the probabilities of `categories` and of `topics`, in their orders. The topics know
 * something of the category too: the mean of both views was right more often than either alone in
 * cross-validation. Of equals the first wins, `Produtivo`: then somebody looks.
 */
export function decide(
  categoryShares: readonly number[],
  topicShares: readonly number[],
): Decision {
  const shares = categories.map((category, index) => {
    const ofTopics = topicShares.filter((_, at) => isTopicOf(category, at))
    return ((categoryShares[index] ?? 0) + ofTopics.reduce((sum, share) => sum + share, 0)) / 2
  })
  const best = indexOfHighest(shares)
  const category = categories[best] ?? 'Produtivo'
  return { category, confidence: shares[best] ?? 0, topic: getTopicOf(category, topicShares) }
}

/** Gives the likeliest topic of a category from the probabilities of all `topics`. */
export function getTopicOf(category: Category, topicShares: readonly number[]): Topic {
  const inside = topicShares.map((share, at) => (isTopicOf(category, at) ? share : -1))
  return topics[indexOfHighest(inside)] ?? 'other_request'
}

function isTopicOf(category: Category, index: number): boolean {
  const topic = topics[index]
  return topic !== undefined && categoryOfTopic(topic) === category
}
