import type { Sentence } from '../../http/reader-language.js'

/** What was done to a model. */
export const modelSentences = {
  promoted: { pt: 'O modelo está em uso.', en: 'The model is in use.' },
  rolledBack: {
    pt: 'O modelo anterior voltou ao uso.',
    en: 'The model before it is in use again.',
  },
} as const satisfies Record<string, Sentence>
