import assert from 'node:assert/strict'
import { loadEmbedding, type Embedding } from '../../../engine/embedding/embedding.js'
import {
  crossValidateModel,
  learnModel,
  type LearnModelInput,
} from '../../../engine/learning/learn-model.js'
import type { LabelledSample } from '../../../engine/samples.js'
import { decodeModel } from '../../../engine/model/text-model.js'
import { embeddingFolder } from '../../../engine/data-folders.js'
import { wordsByMeaning } from '../../support/models.js'

/** Three kinds of what a shop is told, each said in many ways. */
const kinds = {
  entrega: ['a encomenda não chegou', 'onde está o pacote', 'entrega atrasada outra vez'],
  pagamento: ['o cartão foi recusado', 'cobraram duas vezes', 'quero pagar por boleto'],
  elogio: ['adorei o atendimento', 'tudo perfeito como sempre', 'equipe muito simpática'],
}
const endings = ['hoje', 'ontem', 'na loja', 'no site', 'de novo', 'em casa', 'na sexta', 'aqui']

const samples: readonly LabelledSample[] = Object.entries(kinds).flatMap(([label, said]) =>
  said.flatMap((text) => endings.map((ending) => ({ text: `${text} ${ending}`, label }))),
)

const payments: readonly LabelledSample[] = Array.from({ length: 40 }, (_, at) => ({
  text: `PAGTO ${at % 7}`,
  label: at % 2 === 0 ? 'aluguel' : 'mercado',
  amount: at % 2 === 0 ? -1500 : -80 - at,
  date: `2026-0${1 + (at % 9)}-${at % 2 === 0 ? '05' : '17'}`,
}))

describe('learnModel', () => {
  let embedding: Embedding
  const learn = (changed: Partial<LearnModelInput> = {}) =>
    learnModel({
      task: 'texts',
      samples,
      embedding,
      made: '2026-11-25',
      sources: [],
      onProgress: () => undefined,
      ...changed,
    })

  before(async () => {
    embedding = await loadEmbedding(embeddingFolder)
  })

  it('should learn what tells the labels apart, to the same bytes each time', () => {
    const { bytes, card, heldOut } = learn()
    assert.ok(bytes.equals(learn().bytes))
    assert.deepEqual(card.labels, ['elogio', 'entrega', 'pagamento'])
    assert.equal(heldOut.length, samples.length)
    assert.ok(card.quality.all.accuracy > 0.9)
    const model = decodeModel('m', bytes, embedding)
    const judged = model.predict({ text: 'cobraram o cartão duas vezes' })
    assert.equal(judged.label, 'pagamento')
    assert.ok(judged.confidence > 0.5 && judged.confidence < 1)
  })

  it('should take the embedding where it makes more texts right, and else do without', () => {
    const helped = learn({ samples: wordsByMeaning })
    assert.equal(helped.card.embedding, embedding.version)
    assert.ok(helped.card.quality.all.accuracy > 0.9)
    assert.equal(
      decodeModel('m', helped.bytes, embedding).predict({ text: 'cenoura' }).label,
      'comida',
    )
    const without = learn({ samples: wordsByMeaning, embedding: undefined })
    assert.ok(without.card.quality.all.accuracy < 0.7)
    const { card, bytes } = learn()
    assert.equal(card.embedding, null)
    assert.ok(bytes.equals(learn({ embedding: undefined }).bytes))
  })

  it('should name the words and pairs that decided, and sign what speaks against', () => {
    const model = decodeModel('m', learn({ embedding: undefined }).bytes, undefined)
    const explanation = model.explain({ text: 'Onde está o PACOTE? adorei' })
    const weightOf = (word: string) => explanation.find(({ feature }) => feature === word)?.weight
    assert.ok((weightOf('PACOTE') ?? 0) > 0)
    assert.ok((weightOf('adorei') ?? 0) < 0)
  })

  it('should say that a text is unlike anything known, and then be no surer than a guess', () => {
    const numbered = samples.map(({ text, label }, at) => ({ text: `${text} ${100 + at}`, label }))
    for (const learned of [samples, numbered, wordsByMeaning]) {
      const model = decodeModel('m', learn({ samples: learned }).bytes, embedding)
      for (const text of ['', '😀😀😀', '%%%', '48291', 'ζωή και θάνατος', 'xqzj wvkk']) {
        const { isFamiliar, needsReview, confidence } = model.predict({ text })
        assert.ok(!isFamiliar && needsReview, text)
        assert.ok(confidence < 0.6, `${text}: ${confidence}`)
      }
    }
  })

  it('should tell payments apart by amount and date where their words are alike', () => {
    const { bytes, card } = learn({ task: 'transactions', samples: payments })
    assert.ok(card.quality.all.accuracy > 0.9)
    const model = decodeModel('m', bytes, embedding)
    const rent = { text: 'PAGTO 3', amount: -1500, date: '2026-10-05' }
    assert.equal(model.predict(rent).label, 'aluguel')
  })

  it('should judge a very long text in time and without a crash', () => {
    const model = decodeModel('m', learn().bytes, embedding)
    const { confidence } = model.predict({ text: 'onde está o pacote '.repeat(6_000) })
    assert.ok(confidence > 0 && confidence < 1)
  })

  it('should refuse with a sentence what nothing can be learned from', () => {
    const label = 'a'
    const refused: (readonly LabelledSample[])[] = [
      [],
      samples.slice(0, 1),
      samples.filter((sample) => sample.label === 'elogio'),
      ['a', 'b', 'a'].map((one) => ({ text: 'igual', label: one })),
      [...samples, { text: 'muito bom', label: 'Elógio' }],
      [...samples, { text: '!!!', label }],
    ]
    for (const rows of refused) {
      assert.throws(() => learn({ samples: rows }), /: .*\.$/u)
      assert.throws(
        () =>
          crossValidateModel({
            task: 'texts',
            samples: rows,
            embedding,
            folds: 5,
            onProgress: () => undefined,
          }),
        /: .*\.$/u,
      )
    }
  })

  it('should refuse a model whose embedding is not the one that ships', () => {
    const { bytes } = learn({ samples: wordsByMeaning })
    assert.throws(
      () => decodeModel('m', bytes, undefined),
      /^ModelFileError: m: made for the embedding/u,
    )
    assert.throws(
      () => decodeModel('m', bytes, { ...embedding, version: 'other' }),
      /^ModelFileError: m: made for the embedding/u,
    )
  })

  it('should go on rising while it works', () => {
    const shares: number[] = []
    learn({ onProgress: (_, share) => shares.push(share) })
    assert.deepEqual(
      shares,
      shares.toSorted((left, right) => left - right),
    )
    assert.equal(shares.at(-1), 1)
  })
})
