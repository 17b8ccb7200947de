import { getDecidingText } from '../email-syntax/email-text.js'
import { describeEmail } from './email-facts.js'
import type { Document } from './features.js'
import type { Sample } from '../samples.js'
import type { Task } from '../tasks.js'
import { tokenise } from './tokens.js'
import { describePayment, spellPayment } from './transaction-facts.js'
import type { BlockShares } from './vocabulary.js'

/** How a task's texts become vectors and are learned from; every figure chosen by cross-validation. */
export interface Recipe {
  readonly shares: BlockShares
  /**
   * So many dimensions of the sentence embedding, the weightiest first, beside features of length about 1: the
   * rest took time and changed no figure. Each training tries it beside none; 0 where it isn't even tried.
   */
  readonly denseDimensions: number
  /** See SvmOptions. */
  readonly cost: number
  readonly isBalanced: boolean
  /** Features of fewer texts than this are left out. */
  readonly minTexts: number
  /** Of what nobody looks at, so much shall be right. */
  readonly wantedPrecision: number
}

export const recipes = {
  email: {
    shares: { words: 0.4, characters: 0.2, sentences: 0.6, facts: 0.05 },
    denseDimensions: 0,
    cost: 1,
    isBalanced: false,
    minTexts: 2,
    // The examples are harder than everyday mail on purpose: there the share is higher.
    wantedPrecision: 0.9,
  },
  transactions: {
    shares: { words: 0.5, characters: 0.5, sentences: 0, facts: 0.3 },
    denseDimensions: 0,
    cost: 1,
    isBalanced: false,
    minTexts: 1,
    wantedPrecision: 0.95,
  },
  texts: {
    shares: { words: 0.5, characters: 0.5, sentences: 0, facts: 0 },
    denseDimensions: 128,
    cost: 2,
    isBalanced: false,
    minTexts: 1,
    wantedPrecision: 0.95,
  },
} as const satisfies Record<Task, Recipe>

/** Whether the embedding is tried for a task. */
export const takesEmbedding = (task: Task): boolean => recipes[task].denseDimensions > 0

/** What a task looks at in a sample. */
export function describe(task: Task, sample: Sample): Document {
  switch (task) {
    case 'email':
      return {
        tokens: tokenise(getDecidingText(sample.text)),
        facts: describeEmail(sample.text),
        looksAtSentences: true,
      }
    case 'transactions':
      return {
        tokens: tokenise(spellPayment(sample)),
        facts: describePayment(sample),
        looksAtSentences: false,
      }
    case 'texts':
      return { tokens: tokenise(sample.text), facts: [], looksAtSentences: false }
  }
}
