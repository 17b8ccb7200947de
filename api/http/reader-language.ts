import type { ReaderLanguage } from './sentences.js'

/**
 * Whether a reader asked for English (Accept-Language, RFC 9110 section 12.5.4); Portuguese otherwise.
 *
 * @param header the header's value; '' where it is absent
 */
export function readerLanguage(header: string): ReaderLanguage {
  const weights = { pt: 0, en: 0 }
  for (const range of header.slice(0, 200).toLowerCase().split(',')) {
    const [tag = '', ...parameters] = range.trim().split(';')
    const language = tag.startsWith('pt') ? 'pt' : tag.startsWith('en') ? 'en' : undefined
    if (language === undefined) continue
    const quality = parameters.map((parameter) => parameter.trim()).find((p) => p.startsWith('q='))
    const weight = quality === undefined ? 1 : Number(quality.slice(2))
    weights[language] = Math.max(weights[language], Number.isFinite(weight) ? weight : 0)
  }
  return weights.en > weights.pt ? 'en' : 'pt'
}
