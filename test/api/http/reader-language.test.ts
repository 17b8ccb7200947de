import assert from 'node:assert/strict'
import { readerLanguage } from '../../../api/http/reader-language.js'

describe('readerLanguage()', () => {
  it('is Portuguese unless English is preferred, by weight or by order', () => {
    const expected: Record<string, 'pt' | 'en'> = {
      '': 'pt',
      '*': 'pt',
      en: 'en',
      'en-US': 'en',
      'EN;q=0.5': 'en',
      'en, pt': 'en',
      'pt-BR, en': 'pt',
      'en-US, pt-BR;q=0.9, en;q=0.8': 'en',
      'pt;q=0.5, en;q=0.4': 'pt',
      'pt;q=0.5, en;q=0.9': 'en',
      'de, en;q=0.1': 'en',
      'en;q=0': 'pt',
      'en;q=nonsense': 'pt',
      'en; q=0.9, pt-PT ; q=0.8': 'en',
      'en; q=0.8, pt-PT ; q=0.9': 'pt',
    }
    for (const [header, language] of Object.entries(expected))
      assert.equal(readerLanguage(header), language, header)
  })

  it('reads no more of a long header than anybody sends', () => {
    assert.equal(readerLanguage(`${','.repeat(10_000)}en`), 'pt')
  })
})
