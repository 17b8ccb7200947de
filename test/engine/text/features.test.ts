import assert from 'node:assert/strict'
import { countFeatures, lateSentence } from '../../../engine/text/count-features.js'
import { type Block, kinds, visitFeatures } from '../../../engine/text/features.js'
import { tokenise } from '../../../engine/text/tokens.js'
import { buildVocabulary, createVectorizer } from '../../../engine/text/vocabulary.js'

const read = (text: string, facts: readonly string[] = []) => ({
  tokens: tokenise(text),
  facts,
  looksAtSentences: true,
})
const count = (text: string, facts?: readonly string[]) => countFeatures(read(text, facts))
/** The hashes of one block, sorted. */
const ofBlock = (text: string, block: Block) => {
  const { hashes, kinds: kindAt } = count(text)
  return [...hashes.filter((_, at) => kinds[kindAt[at]!]!.block === block)].toSorted(
    (a, b) => a - b,
  )
}
const shares = { words: 0.4, characters: 0.4, sentences: 0.2, facts: 0 }
const words = (text: string): string[] => tokenise(text).map(({ word }) => word.folded)

describe('tokenise', () => {
  it('should fold case, accents and digits', () => {
    assert.deepEqual(words('AÇÃO nº 4512, às 14h'), ['acao', 'nº', '0', 'as', '0h'])
  })

  it('should know a word again however often it comes, and keep what its digits are', () => {
    const [first, second] = ['fatura 4512', 'fatura 4513'].map((text) => tokenise(text))
    assert.deepEqual(first![0]!.word, second![0]!.word)
    assert.equal(first![1]!.word.folded, second![1]!.word.folded)
    assert.notEqual(first![1]!.word.exact, second![1]!.word.exact)
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
        .map(({ word, mood }) => [word.folded, mood]),
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
      tokenise('x'.repeat(5_000_000)).map(({ word }) => word.surface.length),
      [30],
    )
  })
})

describe('features', () => {
  // The first, for the table it counts in grows but once.
  it('should know the last sentence of each feature, however many there are', () => {
    const repeated = count('dia. noite. dia.', ['kind reply'])
    const sentenceOf = (text: string, { hashes, sentences }: typeof repeated) =>
      sentences[hashes.indexOf(count(text).hashes[0]!)]
    assert.equal(sentenceOf('dia', repeated), 2)
    assert.equal(sentenceOf('noite', repeated), 1)
    assert.equal(repeated.sentences.at(-1), lateSentence)
    const letter = (digit: string) => String.fromCharCode(97 + parseInt(digit, 26))
    const word = (at: number) => Array.from(at.toString(26), letter).join('')
    const long = Array.from({ length: 3000 }, (_, at) => word(at) + (at % 150 === 149 ? '.' : ''))
    const counted = count(long.join(' '))
    for (const at of [0, 149, 150, 1000, 2999])
      assert.equal(sentenceOf(word(at), counted), Math.min(lateSentence, Math.floor(at / 150)))
  })

  it('should have hashes of 32 bits and stand on tokens, facts on none', () => {
    const document = read('Pode enviar a 2ª via? Obrigado!', ['kind reply'])
    visitFeatures(document, (kind, hash, first, last) => {
      assert.ok(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32)
      assert.ok(first <= last && last < document.tokens.length)
      assert.equal(kinds[kind]!.block === 'facts', first < 0)
    })
  })

  it('should tell the same words in another order or mood apart', () => {
    assert.notDeepEqual(ofBlock('you can help', 'words'), ofBlock('can you help', 'words'))
    assert.deepEqual(ofBlock('help.', 'words'), ofBlock('help', 'words'))
    assert.notDeepEqual(ofBlock('help?', 'sentences'), ofBlock('help.', 'sentences'))
  })

  it('should tell apart what comes last and what comes before', () => {
    const asksLast = ofBlock('Obrigado. Envie a nota.', 'sentences')
    assert.notDeepEqual(asksLast, ofBlock('Envie a nota. Obrigado.', 'sentences'))
    assert.deepEqual(
      ofBlock('Obrigado. Envie a nota.', 'words').length,
      ofBlock('Envie a nota. Obrigado.', 'words').length,
    )
    assert.deepEqual(ofBlock('', 'sentences'), [])
  })

  it('should count what comes again, and keep no count from text to text', () => {
    const once = count('dia')
    const thrice = count('dia dia dia')
    const at = thrice.hashes.indexOf(once.hashes[0]!)
    assert.equal(thrice.counts[at], 3)
    const long = Array.from({ length: 3000 }, (_, word) => `palavra${word.toString(36)}`).join(' ')
    count(long)
    assert.deepEqual(count('dia'), once)
    assert.deepEqual(count(long), count(long))
  })

  it('should give vectors of length 1 whose familiarity is their known share', () => {
    const texts = [count('bom dia'), count('boa tarde')]
    const vectorize = createVectorizer(buildVocabulary(texts, 1), shares)
    const length = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0)
    const known = vectorize(count('bom dia'))
    assert.ok(Math.abs(length(known.values) - 1) < 1e-5)
    assert.ok(Math.abs(known.familiarity - 1) < 1e-5)
    const half = vectorize(count('bom xyzzy'))
    assert.ok(half.familiarity > 0 && half.familiarity < 0.7)
    assert.ok(Math.abs(length(half.values) - half.familiarity) < 1e-5)
    assert.equal(vectorize(count('')).familiarity, 0)
  })

  it('should let an amount that was never seen weaken nothing, and be unfamiliar all the same', () => {
    const texts = [count('padaria 12.50 2021-01-03'), count('farmacia 7.90 2021-02-11')]
    const vectorize = createVectorizer(buildVocabulary(texts, 1), shares)
    const lengthOf = ({ values }: ReturnType<typeof vectorize>) =>
      values.reduce((sum, value) => sum + value * value, 0)
    const [known, priced, unknown] = ['padaria 12.50', 'padaria 834.17', 'padaria zyxwv'].map(
      (text) => vectorize(count(text)),
    )
    assert.ok(Math.abs(known!.familiarity - 1) < 1e-5)
    assert.ok(priced!.familiarity < 0.8)
    assert.ok(lengthOf(priced!) > lengthOf(unknown!) + 0.1)
  })

  it('should weigh what is said late more than what is said first', () => {
    const [asks, thanks] = ['envie a nota.', 'muito obrigado.']
    const vectorize = createVectorizer(buildVocabulary([count(`${asks} ${thanks}`)], 1), shares)
    const lengthOf = (text: string, part: string) => {
      const { rows, values } = vectorize(count(text))
      const own = new Set(vectorize(count(part)).rows)
      return values.reduce((sum, value, at) => sum + (own.has(rows[at]!) ? value * value : 0), 0)
    }
    assert.ok(lengthOf(`${thanks} ${asks}`, asks) > 2 * lengthOf(`${asks} ${thanks}`, asks))
    const short = { ...read(`${thanks} ${asks}`), looksAtSentences: false }
    assert.ok(countFeatures(short).sentences.every((sentence) => sentence === lateSentence))
  })

  it('should leave out what too few texts have', () => {
    const texts = [count('bom dia'), count('bom')]
    assert.ok(buildVocabulary(texts, 2).hashes.length < buildVocabulary(texts, 1).hashes.length)
  })
})
