import assert from 'node:assert/strict'
import {
  blocks,
  countFeatures,
  hashBits,
  visitFeatures,
} from '../../../activities/classification/features.js'
import { tokenise } from '../../../activities/classification/tokens.js'
import { buildVocabulary, createVectorizer } from '../../../activities/classification/vocabulary.js'

const count = (text: string) => countFeatures(tokenise(text))
const words = (text: string): string[] => tokenise(text).map(({ folded }) => folded)

describe('tokenise', () => {
  it('should fold case, accents and digits', () => {
    assert.deepEqual(words('AÇÃO nº 4512, às 14h'), ['acao', 'nº', '0', 'as', '0h'])
  })

  it('should read composed and decomposed accents alike', () => {
    assert.deepEqual(
      tokenise('não').map(({ word }) => word),
      tokenise('na\u0303o').map(({ word }) => word),
    )
  })

  it('should put a placeholder for addresses', () => {
    assert.deepEqual(words('veja https://a.example/b?c=1 ou ana.l@b.example'), [
      'veja',
      '<url>',
      'ou',
      '<email>',
    ])
  })

  it('should know the mood of a sentence and where it starts', () => {
    const tokens = tokenise('Oi! Tudo bem?\nSigo aqui')
    assert.deepEqual(
      tokens
        .filter(({ startsSentence }) => startsSentence)
        .map(({ folded, mood }) => [folded, mood]),
      [
        ['oi', 'exclamation'],
        ['tudo', 'question'],
        ['sigo', 'statement'],
      ],
    )
  })

  it('should read no more than the start of a very long text', () => {
    assert.ok(tokenise('ab '.repeat(1_000_000)).length < 10_000)
    assert.deepEqual(
      tokenise('x'.repeat(5_000_000)).map(({ surface }) => surface.length),
      [30],
    )
  })
})

describe('features', () => {
  it('should lie in the buckets and stand on tokens', () => {
    const tokens = tokenise('Pode enviar a 2ª via? Obrigado!')
    visitFeatures(tokens, (_, bucket, first, last) => {
      assert.ok(bucket >= 0 && bucket < 2 ** hashBits)
      assert.ok(first <= last && last < tokens.length)
    })
  })

  it('should tell the same words in another order or mood apart', () => {
    assert.notDeepEqual(count('you can help').words, count('can you help').words)
    assert.deepEqual(count('help.').words, count('help').words)
    assert.notDeepEqual(count('help?').sentences, count('help.').sentences)
  })

  it('should give vectors of length 1 whose familiarity is their known share', () => {
    const vectorize = createVectorizer(buildVocabulary([count('bom dia'), count('boa tarde')], 1))
    const length = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0)
    const known = vectorize(count('bom dia'))
    assert.ok(Math.abs(length(known.values) - 1) < 1e-5)
    assert.ok(Math.abs(known.familiarity - 1) < 1e-5)
    const half = vectorize(count('bom xyzzy'))
    assert.ok(half.familiarity > 0 && half.familiarity < 0.7)
    assert.ok(Math.abs(length(half.values) - half.familiarity) < 1e-5)
    assert.equal(vectorize(count('')).familiarity, 0)
  })

  it('should leave out what too few texts have', () => {
    const texts = [count('bom dia'), count('bom')]
    assert.ok(buildVocabulary(texts, 2).buckets.length < buildVocabulary(texts, 1).buckets.length)
    assert.equal(blocks.length, 3)
  })
})
