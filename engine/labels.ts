/**
 * The categories of an e-mail and their topics. `Produtivo`: the recipient's organisation has to act or answer.
 * `Improdutivo`: nobody has to. The topic decides the draft answer.
 */
export const topicsByCategory = {
  Produtivo: [
    'status_inquiry',
    'complaint',
    'document_request',
    'access_problem',
    'technical_problem',
    'billing',
    'scheduling',
    'order',
    'approval',
    'question',
    'other_request',
  ],
  Improdutivo: ['thanks', 'greeting', 'advertising', 'phishing', 'automatic', 'informative'],
} as const

export type Category = keyof typeof topicsByCategory
export type Topic = (typeof topicsByCategory)[Category][number]
export type Language = (typeof languages)[number]

export const categories = ['Produtivo', 'Improdutivo'] as const satisfies readonly Category[]
export const languages = ['pt', 'en'] as const
export const topics: readonly Topic[] = categories.flatMap((category) => topicsByCategory[category])

/** Says whether the word is one of the topics. */
export function isTopic(word: string): word is Topic {
  return topics.some((topic) => topic === word)
}

/** Gives the category that the topic belongs to. */
export function categoryOfTopic(topic: Topic): Category {
  return topicsByCategory.Produtivo.some((one) => one === topic) ? 'Produtivo' : 'Improdutivo'
}
