import Negotiator from 'negotiator'

/**
 * The languages of our own sentences; Portuguese unless the reader asks for English. Apart from the engine's
 * `languages`, which says in what language a mail may be written.
 */
export type ReaderLanguage = 'pt' | 'en'

export type Sentence = Readonly<Record<ReaderLanguage, string>>

/** A longer header costs time and is nobody's. */
const maxHeaderCharacters = 200

/**
 * Whether a reader asked for English (Accept-Language, RFC 9110 section 12.5.4); Portuguese otherwise.
 *
 * @param header the header's value; '' where it is absent
 */
export function readerLanguage(header: string): ReaderLanguage {
  const headers = { 'accept-language': header.slice(0, maxHeaderCharacters) }
  const languages = new Negotiator({ headers })
    .languages()
    .map((tag) => tag.slice(0, 2).toLowerCase())
  return languages.find((language) => language === 'pt' || language === 'en') ?? 'pt'
}
