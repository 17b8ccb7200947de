import type { EmailClassifier } from './classifier.js'
import type { EmailExample } from './examples.js'

export interface HeldOutReport {
  readonly examples: number
  /** Shares of right answers, 0 to 1. */
  readonly categoryAccuracy: number
  /** The same, of the mails that are meant to be hard. */
  readonly hardCategoryAccuracy: number
  readonly topicAccuracy: number
  readonly languageAccuracy: number
  readonly reviewShare: number
  /** The same, of the mails that need no review. */
  readonly unreviewedCategoryAccuracy: number
}

/** Measures the classifier on mails that it never learned, in the way that the product uses it. */
export function measureHeldOut(
  classifier: EmailClassifier,
  examples: readonly EmailExample[],
): HeldOutReport {
  const judged = examples.map((example) => {
    const language = classifier.detectLanguage(example.text)
    const { category, topic, needsReview } = classifier.classify(example.text, language)
    return {
      isHard: example.hard,
      needsReview,
      category: category === example.category,
      topic: topic === example.topic,
      language: language === example.language,
    }
  })
  const share = <T>(all: readonly T[], is: (one: T) => boolean) =>
    all.length === 0 ? 0 : all.filter(is).length / all.length
  const isRight = ({ category }: { category: boolean }) => category
  return {
    examples: judged.length,
    categoryAccuracy: share(judged, isRight),
    hardCategoryAccuracy: share(
      judged.filter(({ isHard }) => isHard),
      isRight,
    ),
    topicAccuracy: share(judged, ({ topic }) => topic),
    languageAccuracy: share(judged, ({ language }) => language),
    reviewShare: share(judged, ({ needsReview }) => needsReview),
    unreviewedCategoryAccuracy: share(
      judged.filter(({ needsReview }) => !needsReview),
      isRight,
    ),
  }
}
