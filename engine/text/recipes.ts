import { getDecidingText } from '../email-syntax/email-text.js'
import { describeEmail } from './email-facts.js'
import type { Document } from './features.js'
import type { Sample } from '../samples.js'
import type { Task } from '../tasks.js'
import { tokenise } from './tokens.js'
import { describePayment, spellPayment } from './transaction-facts.js'
import type { BlockShares } from './vocabulary.js'

/** How a task's texts become vectors and are learned. Each figure was chosen by cross-validation. */
export interface Recipe {
  readonly shares: BlockShares
  /**
   * How many dimensions of the sentence embedding are used, the most important first. More took time and changed no
   * figure. Each training compares with none; 0 where the embedding isn't tried at all.
   */
  readonly denseDimensions: number
  /** See SvmOptions. */
  readonly cost: number
  readonly isBalanced: boolean
  /** Features of fewer texts than this are left out. */
  readonly minTexts: number
  /** The share of unreviewed rows that must be right. */
  readonly wantedPrecision: number
}

export const recipes = {
  email: {
    shares: { words: 0.4, characters: 0.2, sentences: 0.6, facts: 0.05 },
    denseDimensions: 0,
    cost: 1,
    isBalanced: false,
    minTexts: 2,
    // The examples are harder than everyday mail on purpose. Of everyday mail a larger share is right.
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

/** Says whether the embedding is tried for a task. */
export const takesEmbedding = (task: Task): boolean => recipes[task].denseDimensions > 0

/** Gives what the model of a task sees of a sample. */
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
