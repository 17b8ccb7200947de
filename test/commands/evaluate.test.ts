import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { runEvaluate } from '../../commands/evaluate.js'
import type { ModelTools } from '../../commands/models/model-tools.js'
import { shopRows, toJsonLines } from './support/shop-rows.js'
import { createWordTools, learnWords } from './support/word-models.js'

const reportSchema = z.object({
  version: z.literal(1),
  sections: z.array(z.object({ title: z.string(), evaluation: z.object({ rows: z.number() }) })),
})

describe('triagem evaluate', function () {
  this.timeout(60_000)
  let folder: string
  let file: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-evaluate-'))
    file = join(folder, 'shop.jsonl')
    await writeFile(file, toJsonLines(shopRows))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  async function run(args: readonly string[], tools: ModelTools = createWordTools()) {
    const said: string[] = []
    const told: string[] = []
    const code = await runEvaluate({
      args: [...args],
      say: (line) => said.push(line),
      tell: (line) => told.push(line),
      signal: new AbortController().signal,
      tools,
    })
    return { code, said: said.join('\n'), told: told.join('\n') }
  }

  it('cross-validates a file, results on one stream and progress on the other', async () => {
    const { code, said, told } = await run(['texts', file])
    assert.equal(code, 0)
    assert.match(
      said,
      /^texts: 72 rows of shop\.jsonl, cross-validated in 5 parts\n\nrows +72\naccuracy/u,
    )
    assert.match(said, /^class +rows +precision/mu)
    assert.equal(told, '  0 %  fold 1 of 5')
  })

  it('prints JSON and nothing else on demand', async () => {
    const { said } = await run(['texts', file, '--json', '--folds', '3'])
    const [section] = reportSchema.parse(JSON.parse(said)).sections
    assert.equal(section?.evaluation.rows, 72)
    assert.match(section.title, /in 3 parts/u)
  })

  it('tests a model by its place, and compares it with another', async () => {
    const path = join(folder, 'half.model')
    const half = learnWords(shopRows.filter(({ label }) => label !== 'elogio'))
    await writeFile(path, JSON.stringify(half))
    const tools = createWordTools(learnWords(shopRows))
    const { said, told } = await run(
      ['texts', file, '--model', path, '--against', 'default'],
      tools,
    )
    assert.match(said, /judged by .*half\.model/u)
    assert.match(said, /^Against the default model, on the same rows$/mu)
    assert.match(said, /^ {2}worse +elogio -100\.0/mu)
    assert.match(told, /knows no “elogio”: these rows count as wrong/u)
  })

  it('takes the current model for the default where none was promoted', async () => {
    const tools = createWordTools(learnWords(shopRows))
    assert.match(
      (await run(['texts', file, '--model', 'current'], tools)).said,
      /by the default model/u,
    )
    tools.stored.push({
      task: 'texts',
      card: learnWords(shopRows).card,
      bytes: Buffer.from(JSON.stringify(learnWords(shopRows))),
    })
    tools.current = 1
    assert.match((await run(['texts', file, '--model', 'current'], tools)).said, /by model 1/u)
    await assert.rejects(
      run(['email', file, '--model', '1'], tools),
      /Model 1 is for texts, not for email/u,
    )
    await assert.rejects(run(['texts', file, '--model', '2'], tools), /There is no model 2/u)
  })

  it('writes a page', async () => {
    const page = join(folder, 'page.html')
    await run(['texts', file, '--html', page])
    assert.match(await readFile(page, 'utf8'), /^<!doctype html>[\s\S]*72 rows of shop\.jsonl/u)
  })

  it('cross-validates the mail examples that ship, and reports those by other hands apart', async () => {
    const tools = createWordTools(
      learnWords([
        { text: 'oi', label: 'Produtivo' },
        { text: 'tchau', label: 'Improdutivo' },
      ]),
    )
    const { said } = await run(['email'], tools)
    assert.match(said, /^email: [\d,]+ examples that ship, cross-validated in 5 parts$/mu)
    assert.match(
      said,
      /^email: [\d,]+ examples by other hands, never learned from, judged by the default model$/mu,
    )
    assert.match(said, /^email: [\d,]+ examples by other hands, the hard ones among them, judged/mu)
  })

  it('refuses what makes no sense, before it reads or opens anything', async () => {
    const senseless: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /^Usage: triagem evaluate/u],
      [['dance'], /dance is no task: email, transactions, texts/u],
      [['texts'], /Say which FILE/u],
      [['texts', 'a', 'b'], /^Usage/u],
      [['texts', 'a', '--folds', '1'], /from 2 to 20/u],
      [['texts', 'a', '--folds', 'x'], /from 2 to 20/u],
      [['texts', 'a', '--folds', '3', '--model', 'current'], /say one of the two/u],
      [['texts', 'a', '--dance'], /--dance/u],
      [['texts', 'a', '--html', '/nowhere/x.html'], /can’t be written/u],
    ]
    for (const [args, message] of senseless)
      await assert.rejects(run(args), (error: Error) => message.test(error.message), args.join(' '))
  })

  it('says in a sentence what is wrong with a file or a model', async () => {
    const write = async (name: string, content: string | Buffer) => {
      await writeFile(join(folder, name), content)
      return join(folder, name)
    }
    const bad: readonly (readonly [string, RegExp])[] = [
      [join(folder, 'none.csv'), /none\.csv is not there/u],
      [folder, /is not there/u],
      [await write('zip.csv', Buffer.from('PK\u0003\u0004\u0000\u0000')), /zip\.csv: not text/u],
      [await write('one.csv', 'text,label\nx,a\n'), /There is only one row/u],
      [await write('class.csv', 'text,label\nx,a\ny,a\n'), /Every row has the label “a”/u],
      [await write('case.csv', 'text,label\nx,Saúde\ny,saude\n'), /differ only by case or accent/u],
    ]
    for (const [path, message] of bad) await assert.rejects(run(['texts', path]), message)
    const damaged = await write('damaged.model', 'x')
    await assert.rejects(run(['texts', file, '--model', damaged]), /damaged\.model: damaged/u)
    await assert.rejects(run(['texts', file, '--model', 'dance']), /dance is no model/u)
    await assert.rejects(run(['texts', file, '--model', 'default']), /No model for texts ships/u)
  })

  it('reads Latin-1 and warns of what makes figures doubtful', async () => {
    const path = join(folder, 'latin1.csv')
    const lines = ['text;label', 'maçã;fruta', 'maçã;doce', 'pêra;fruta', 'bolo;doce']
    await writeFile(path, Buffer.from(lines.join('\r\n'), 'latin1'))
    const { told } = await run(['texts', path, '--folds', '2'])
    assert.match(told, /Contradictory labels: 2 rows .* “maçã”/u)
  })
})
