import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { LabelledSample } from '../../engine/samples.js'
import { runTrainFile } from '../../commands/train-file.js'
import { shopRows, toJsonLines } from './support/shop-rows.js'
import { createWordTools, learnWords, type WordTools } from './support/word-models.js'

const reportSchema = z.object({
  model: z.object({ id: z.number(), promoted: z.boolean() }),
  change: z.object({ basis: z.string() }),
})

describe('triagem train', function () {
  this.timeout(60_000)
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-train-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function train(
    tools: WordTools,
    rows: readonly LabelledSample[],
    args: readonly string[] = [],
    signal = new AbortController().signal,
  ) {
    const file = join(folder, 'shop.jsonl')
    await writeFile(file, toJsonLines(rows))
    const said: string[] = []
    const told: string[] = []
    const code = await runTrainFile({
      args: ['texts', file, ...args],
      say: (line) => said.push(line),
      tell: (line) => told.push(line),
      signal,
      tools,
    })
    return { code, said: said.join('\n'), told: told.join('\n') }
  }

  /** Two of the classes exchange most of their labels: what is learned of them is wrong. */
  const muddled = shopRows.map((row, at) =>
    row.label === 'queixa' && at % 2 === 0 ? { ...row, label: 'elogio' } : row,
  )

  it('stores a model and says how to make it current', async () => {
    const tools = createWordTools()
    const { code, said } = await train(tools, shopRows)
    assert.equal(code, 0)
    assert.match(said, /^texts: words-2, cross-validated on shop\.jsonl$/mu)
    assert.match(
      said,
      /Model 1 is stored, not current: --promote, or POST \/models\/1\/promote, makes it so\.$/u,
    )
    assert.deepEqual([tools.stored.length, tools.current], [1, undefined])
  })

  it('makes a model current on demand where no class got worse', async () => {
    const tools = createWordTools(learnWords(muddled))
    const { code, said } = await train(tools, shopRows, ['--promote'])
    assert.equal(code, 0)
    assert.match(said, /^Against the default model, on the same rows$/mu)
    assert.match(
      said,
      /No class got worse beyond noise\.\nModel 1 is stored and current for texts\.$/u,
    )
    assert.equal(tools.current, 1)
  })

  it('stores, names the classes and does not promote where one got worse, unless forced', async () => {
    const tools = createWordTools(learnWords(shopRows))
    const refused = await train(tools, muddled, ['--promote', '--json'])
    assert.equal(refused.code, 3)
    const report = reportSchema.parse(JSON.parse(refused.said))
    assert.deepEqual(
      [report.model.id, report.model.promoted, report.change.basis],
      [1, false, 'same rows'],
    )
    assert.deepEqual([tools.stored.length, tools.current], [1, undefined])
    const said = await train(tools, muddled, ['--promote'])
    assert.match(said.said, /^ {2}worse +\w+: F1 [\d.]+ % → [\d.]+ %, -/mu)
    assert.match(said.said, /Model 2 is stored, not promoted: --promote --force, or POST/u)
    const forced = await train(tools, muddled, ['--promote', '--force'])
    assert.deepEqual([forced.code, tools.current], [0, 3])
  })

  it('holds its cross-validation against the one on the card, where there is one', async () => {
    const model = learnWords(shopRows)
    const classes = [
      { label: 'elogio', rows: 400, precision: 0.9975, recall: 0.9975, f1: 0.9975 },
      { label: 'pedido', rows: 400, precision: 0.1, recall: 0.1, f1: 0.1 },
      { label: 'old', rows: 9, precision: 1, recall: 1, f1: 1 },
    ]
    const labels = [...model.card.labels, 'old']
    const tools = createWordTools({
      ...model,
      card: { ...model.card, labels, quality: { ...model.card.quality, classes } },
    })
    const { code, said } = await train(tools, muddled, ['--promote'])
    assert.equal(code, 3)
    assert.match(said, /against the one on the card of the default model:$/mu)
    assert.match(said, /^ {2}worse +elogio: F1 99\.\d % → /mu)
    assert.match(said, /^ {2}better +pedido: F1 10\.0 % → /mu)
    assert.match(said, /^ {2}gone +old: the new model can’t say it$/mu)
  })

  it('says when the current model learned from these very rows', async () => {
    const tools = createWordTools(learnWords(shopRows))
    assert.match(
      (await train(tools, shopRows)).said,
      /the default model learned from these very rows/u,
    )
  })

  it('writes a page', async () => {
    const page = join(folder, 'page.html')
    await train(createWordTools(learnWords(shopRows)), shopRows, ['--html', page])
    assert.match(await readFile(page, 'utf8'), /Against the default model/u)
  })

  it('stores nothing when it is interrupted', async () => {
    const tools = createWordTools()
    await assert.rejects(train(tools, shopRows, ['--promote'], AbortSignal.abort()), {
      name: 'AbortError',
    })
    assert.deepEqual([tools.stored.length, tools.current], [0, undefined])
  })

  it('refuses rows from which nothing can be learned, and words that make no sense', async () => {
    const tools = createWordTools()
    const bad: readonly (readonly [readonly LabelledSample[], RegExp])[] = [
      [[], /holds no row/u],
      [shopRows.slice(0, 1), /There is only one row/u],
      [shopRows.slice(0, 24), /Every row has the label “pedido”/u],
      [
        [
          { text: 'x', label: 'a' },
          { text: 'X', label: 'b' },
        ],
        /All rows are alike/u,
      ],
      [[...shopRows, { text: 'x y', label: 'PEDIDO' }], /“pedido” and “PEDIDO” differ only/u],
      [[...shopRows, { text: '🎉', label: 'festa' }], /The class “festa” is empty/u],
      [
        [...shopRows, { text: 'x'.repeat(100_000), label: 'a' }],
        /shop\.jsonl:73: a text of 100000/u,
      ],
      [[...shopRows, { text: '', label: 'a' }], /shop\.jsonl:73: no text/u],
    ]
    for (const [rows, message] of bad) await assert.rejects(train(tools, rows), message)
    await assert.rejects(train(tools, shopRows, ['--force']), /--force goes with --promote/u)
    await assert.rejects(train(tools, shopRows, ['--dance']), /--dance/u)
    assert.equal(tools.stored.length, 0)
  })
})
