/**
 * The languages of our own sentences; Portuguese unless the reader asks for English. A list apart from the engine's
 * `languages`, which says in what language a mail may be written: the product could read a language that it doesn't speak.
 */
export const readerLanguages = ['pt', 'en'] as const
export type ReaderLanguage = (typeof readerLanguages)[number]

export type Sentence = Readonly<Record<ReaderLanguage, string>>
