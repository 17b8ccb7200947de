import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EmailClassifier } from '../../engine/classifier.js'
import {
  defaultEmailModelFile,
  fitDefaultEmailModel,
  loadDefaultEmailClassifier,
  trainDefaultEmailModel,
  type TrainDefaultReport,
} from '../../engine/default-email-model.js'
import { categoryOfTopic } from '../../engine/labels.js'

/** A small world: what is asked for and what thanks are said with, in two languages. */
const sentences = [
  [
    'pt',
    'Produtivo',
    'billing',
    (thing: string) => `Podem enviar o boleto ${thing}? Preciso pagar.`,
  ],
  ['pt', 'Improdutivo', 'thanks', (thing: string) => `Muito obrigado pela ajuda ${thing}!`],
  [
    'en',
    'Produtivo',
    'billing',
    (thing: string) => `Can you send the invoice ${thing}? I have to pay.`,
  ],
  ['en', 'Improdutivo', 'thanks', (thing: string) => `Thank you so much for the help ${thing}!`],
] as const
const things = ['azul', 'green', 'novo', 'old', 'maio', 'June', 'A1', 'B2', 'final', 'first']

const examples = sentences.flatMap(([language, category, topic, say], kind) =>
  things.map((thing, at) => ({ id: `${kind}-${at}`, language, category, topic, text: say(thing) })),
)

const models = [defaultEmailModelFile]

describe('email classifier', () => {
  let folder: string
  let report: TrainDefaultReport
  let classifier: EmailClassifier

  const trainInto = (name: string) =>
    trainDefaultEmailModel({
      examplesFolder: join(folder, 'examples'),
      modelsFolder: join(folder, name),
      onProgress: () => undefined,
    })

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-classifier-'))
    await mkdir(join(folder, 'examples'))
    const content = examples.map((example) => JSON.stringify(example)).join('\n')
    await writeFile(join(folder, 'examples', 'email-small.jsonl'), content)
    report = await trainInto('models')
    classifier = await loadDefaultEmailClassifier(join(folder, 'models'))
  })

  after(() => rm(folder, { recursive: true }))

  it('should train to the same bytes twice, and leave no half file', async () => {
    await trainInto('again')
    assert.deepEqual((await readdir(join(folder, 'again'))).toSorted(), models)
    for (const name of models) {
      const first = await readFile(join(folder, 'models', name))
      assert.ok(first.equals(await readFile(join(folder, 'again', name))), name)
    }
  })

  it('should fit to the same bytes with what an earlier training measured', async () => {
    const read = async (name: string) =>
      await readFile(join(folder, name, defaultEmailModelFile), 'latin1')
    await fitDefaultEmailModel(
      {
        examplesFolder: join(folder, 'examples'),
        modelsFolder: join(folder, 'fitted'),
        onProgress: () => undefined,
      },
      // As it is kept in a file.
      JSON.parse(JSON.stringify(report.measured)) as typeof report.measured,
    )
    assert.ok((await read('fitted')) === (await read('models')))
  })

  it('should report what it learned from and how well', () => {
    assert.equal(report.card.examples, examples.length)
    assert.equal(report.card.quality.all.rows, examples.length)
    assert.ok(report.card.quality.all.accuracy > 0.9)
    assert.equal(report.heldOut, undefined)
    assert.match(report.card.version, /^email-5\+[0-9a-f]{8}$/u)
  })

  it('should measure the held-out mails apart, and not learn from them', async () => {
    const held = { id: 'h', language: 'en', category: 'Produtivo', topic: 'billing', hard: true }
    const path = join(folder, 'examples', 'email-heldout-en.jsonl')
    await writeFile(path, JSON.stringify({ ...held, text: 'Can you send me the invoice?' }))
    const { heldOut, card } = await trainInto('measured').finally(() => rm(path))
    assert.equal(heldOut?.examples, 1)
    assert.equal(heldOut.hardCategoryAccuracy, 1)
    assert.equal(card.version, report.card.version)
  })

  it('should tell mails apart in both languages, with a topic of the category', () => {
    for (const { text, language, category, topic } of examples) {
      assert.equal(classifier.detectLanguage(text), language)
      const found = classifier.classify(text, language)
      assert.equal(found.category, category)
      assert.equal(found.topic, topic)
      assert.equal(categoryOfTopic(found.topic), found.category)
      assert.ok(found.confidence > 0.5 && found.confidence <= 1)
      assert.equal(found.modelVersion, report.card.version)
    }
  })

  it('should let the newest text decide, not what it quotes', () => {
    const reply = 'Muito obrigado pela ajuda!\n\n> Podem enviar o boleto? Preciso pagar.'
    assert.equal(classifier.classify(reply, 'pt').category, 'Improdutivo')
  })

  it('should explain by words of the mail itself, the weightiest first', () => {
    const text = 'Podem enviar o BOLETO de Julho? Muito obrigado'
    const { explanation } = classifier.classify(text, 'pt')
    assert.ok(explanation.length > 3 && explanation.length <= 8)
    for (const { feature } of explanation) assert.ok(text.includes(feature), feature)
    const weights = explanation.map(({ weight }) => Math.abs(weight))
    assert.deepEqual(
      weights,
      weights.toSorted((left, right) => right - left),
    )
  })

  it('should sign what speaks for the category with plus, what speaks against it with minus', () => {
    const { category, explanation } = classifier.classify(
      'Podem enviar o boleto? Preciso. Obrigado',
      'pt',
    )
    const weightOf = (word: string) =>
      explanation.find(({ feature }) => feature === word)?.weight ?? 0
    assert.equal(category, 'Produtivo')
    assert.ok(weightOf('boleto') > 0)
    assert.ok(weightOf('Obrigado') < 0)
  })

  it('should be honest about what it cannot know', () => {
    for (const text of [
      '',
      '👍🎉',
      '12345 --- 678',
      '> quoted alone',
      '这是什么',
      'Wo ist denn Ähre?',
    ]) {
      const { confidence, needsReview } = classifier.classify(text, classifier.detectLanguage(text))
      assert.equal(needsReview, true, text)
      assert.ok(confidence < 0.7, `${text} ${confidence}`)
    }
  })

  it('should give the topic of a category that another decided', () => {
    assert.equal(classifier.classifyTopic('Muito obrigado!', 'Produtivo'), 'billing')
    assert.equal(classifier.classifyTopic('Podem enviar o boleto?', 'Improdutivo'), 'thanks')
  })

  it('should come through hostile input', () => {
    for (const text of ['>', 'a', ' ', '\n', '@', 'a@', 'É!', '\u0301', '\uD800', 'Att,\n']) {
      const { confidence } = classifier.classify(text.repeat(5_000_000 / text.length), 'pt')
      assert.ok(confidence >= 0.5 && confidence <= 1)
    }
  })

  it('should name a missing and a damaged model file', async () => {
    await assert.rejects(loadDefaultEmailClassifier(join(folder, 'examples')), /email\.model/u)
    const broken = join(folder, 'broken')
    await trainInto('broken')
    await writeFile(join(broken, 'email.model'), 'something else')
    await assert.rejects(
      loadDefaultEmailClassifier(broken),
      /^ModelFileError: email\.model: not a model file$/u,
    )
  })

  it('should say that there are no examples, and name the place of a bad one', async () => {
    const examplesFolder = join(folder, 'bad')
    const modelsFolder = join(folder, 'none')
    await mkdir(examplesFolder)
    const train = () =>
      trainDefaultEmailModel({ examplesFolder, modelsFolder, onProgress: () => undefined })
    await assert.rejects(train(), /^Error: no examples/u)
    await writeFile(join(examplesFolder, 'email-bad.jsonl'), '\n{}\n')
    await assert.rejects(train(), /^Error: email-bad\.jsonl:2: /u)
    await assert.rejects(readdir(modelsFolder), /ENOENT/u)
  })
})
