/** The languages that people read here; Portuguese unless they ask for English. */
export const readerLanguages = ['pt', 'en'] as const
export type ReaderLanguage = (typeof readerLanguages)[number]

export type Sentence = Readonly<Record<ReaderLanguage, string>>
