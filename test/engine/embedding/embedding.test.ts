import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodeEmbedding,
  type Embedding,
  loadEmbedding,
} from '../../../engine/embedding/embedding.js'
import { packageRoot } from '../../../config/package.js'

const folder = join(packageRoot, 'engine/data/embedding')
const fixtureFile = join(packageRoot, 'test/engine/embedding/embedding.fixture.json')

interface FixtureCase {
  readonly text: string
  readonly vector: readonly number[]
}

describe('embedding', () => {
  let embedding: Embedding
  let bytes: Buffer
  let words: string

  before(async () => {
    embedding = await loadEmbedding(folder)
    bytes = await readFile(join(folder, 'embedding.bin'))
    words = await readFile(join(folder, 'words.txt'), 'latin1')
  })

  const cosine = (left: string, right: string): number =>
    dot(embedding.embed(left), embedding.embed(right))

  it('should give vectors of length 1', () => {
    for (const text of ['Onde está o meu cartão?', 'a', '7', 'xyzzyqwrt', 'conta '.repeat(5000)]) {
      const vector = embedding.embed(text)
      assert.equal(vector.length, embedding.dimensions)
      assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-5, text.slice(0, 30))
    }
  })

  it('should give the leading dimensions alone, at length 1, in the direction they have among all', () => {
    const text = 'Onde está o meu cartão? xyzzyqwrt'
    const leading = embedding.embed(text, 128)
    const all = embedding.embed(text)
    assert.equal(leading.length, 128)
    assert.ok(Math.abs(dot(leading, leading) - 1) < 1e-5)
    const stretch = leading[0]! / all[0]!
    leading.forEach((value, at) => assert.ok(Math.abs(value - stretch * all[at]!) < 1e-5))
    assert.deepEqual(embedding.embed(text), all, 'nothing of it is left behind')
  })

  it('should give all zero for a text without letters and digits', () => {
    for (const text of ['', ' \n', '?! — …', '日本語', '🎉', "''", '\ud800']) {
      assert.ok(
        embedding.embed(text).every((value) => value === 0),
        text,
      )
    }
  })

  it('should fold case, accents, apostrophes and ligatures alike', () => {
    const same = [
      ['NÃO CONSIGO ACESSAR', 'nao consigo acessar'],
      ['cartão de crédito', 'carta\u0303o de cre\u0301dito'],
      ["I don't know", 'I don\u2019t know'],
      ['office', 'o\ufb03ce'],
      ['nota n\u00ba 5', 'nota no 5'],
    ] as const
    for (const [left, right] of same) {
      assert.deepEqual(embedding.embed(left), embedding.embed(right), left)
    }
  })

  it('should know an unlisted word by the n-grams that it shares with others', () => {
    const misspelt = 'cancelamentto'
    assert.ok(!words.includes(`\n${misspelt}\n`))
    assert.ok(cosine(misspelt, 'cancelamento') > 0.4)
    assert.ok(cosine(misspelt, 'cancelamento') > cosine(misspelt, 'fotografia') + 0.2)
  })

  it('should put Portuguese nearer to its English translation than to something else', () => {
    const pairs = [
      ['Meu cartão ainda não chegou', 'My card has not arrived yet'],
      ['Quero cancelar a minha assinatura', 'I want to cancel my subscription'],
      ['Segue em anexo a nota fiscal', 'The invoice is attached'],
      ['Esqueci minha senha', 'I forgot my password'],
      ['Qual é a previsão do tempo para amanhã?', "What is tomorrow's weather forecast?"],
    ] as const
    for (const [portuguese, english] of pairs) {
      for (const [, other] of pairs) {
        if (other === english) continue
        assert.ok(cosine(portuguese, english) > cosine(portuguese, other), `${english}: ${other}`)
      }
    }
  })

  it('should give the vectors that the fitting program gives', async () => {
    const cases = JSON.parse(await readFile(fixtureFile, 'utf8')) as readonly FixtureCase[]
    assert.equal(cases.length, 10)
    for (const { text, vector } of cases) {
      const length = Math.sqrt(dot(vector, vector))
      assert.ok(dot(embedding.embed(text), vector) / length > 0.999, text)
    }
  })

  it('should refuse by name a damaged file and one cut short', () => {
    for (const at of [0, 8, 12, 40, 100, bytes.length >> 1, bytes.length - 1]) {
      const damaged = Buffer.from(bytes)
      damaged[at] = damaged[at]! ^ 1
      assert.throws(() => decodeEmbedding('e.bin', damaged, words), /^Error: e\.bin: /u, `${at}`)
      const short = bytes.subarray(0, at)
      assert.throws(() => decodeEmbedding('e.bin', short, words), /^Error: e\.bin: /u, `${at}`)
    }
  })

  it('should refuse by name a later version and another list of words', () => {
    const later = Buffer.from(bytes)
    later.writeUInt32LE(2, 8)
    assert.throws(() => decodeEmbedding('e.bin', later, words), /^Error: e\.bin: version 2/u)
    const other = words.replace('\n', 'x\n')
    assert.throws(() => decodeEmbedding('e.bin', bytes, other), /^Error: e\.bin: .*words\.txt/u)
  })
})

function dot(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < left.length; i++) sum += left[i]! * right[i]!
  return sum
}
