import assert from 'node:assert/strict'
import { parseSamples } from '../../engine/samples.js'

const csv = (content: string) => parseSamples('x.csv', content)
const jsonl = (...rows: readonly unknown[]) =>
  parseSamples('x.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))

describe('parseSamples', () => {
  it('should read objects line by line, with or without the optional fields', () => {
    assert.deepEqual(
      jsonl(
        { text: 'oi', label: 'greeting' },
        { text: 'hi', category: 'greeting', language: 'EN', topic: 'greeting', extra: [1] },
        { description: 'Padaria', label: 7, amount: -12.5, date: '2025-03-31T10:00:00Z' },
        { text: 'x', label: 'a', amount: null, date: '', value: 'R$ 1.234,56' },
      ),
      [
        { text: 'oi', label: 'greeting', language: '' },
        { text: 'hi', label: 'greeting', language: 'en', topic: 'greeting' },
        { text: 'Padaria', label: '7', language: '', amount: -12.5, date: '2025-03-31' },
        { text: 'x', label: 'a', language: '' },
      ],
    )
  })

  it('should join subject and body as a mail program writes them', () => {
    const [pt, en] = jsonl(
      { subject: 'Boleto', body: 'Vence hoje?', label: 'a' },
      { subject: 'Bill', body: 'Due today?', label: 'a', language: 'en' },
    )
    assert.equal(pt?.text, 'Assunto: Boleto\n\nVence hoje?')
    assert.equal(en?.text, 'Subject: Bill\n\nDue today?')
  })

  it('should read what a Brazilian spreadsheet saves', () => {
    const content = [
      '\uFEFFDATA;Descrição;Valor;Categoria',
      '31/12/2025;"Padaria ""Sol""; centro";(1.234,56);Comida',
      '1/2/2025;Salário;R$ 5.000;Renda',
      '',
    ].join('\r\n')
    assert.deepEqual(csv(content), [
      {
        text: 'Padaria "Sol"; centro',
        label: 'Comida',
        language: '',
        amount: -1234.56,
        date: '2025-12-31',
      },
      { text: 'Salário', label: 'Renda', language: '', amount: 5000, date: '2025-02-01' },
    ])
  })

  it('should know the separator by the header, and the month by dates that can be nothing else', () => {
    assert.equal(csv('label,text\na,"one; two, three"')[0]?.text, 'one; two, three')
    assert.equal(csv('label\ttext\na\tone, two; three')[0]?.text, 'one, two; three')
    const [first, second] = csv('date,text,label\n01/02/2018,x,a\n01/31/2018,y,b')
    assert.deepEqual([first?.date, second?.date], ['2018-01-02', '2018-01-31'])
  })

  it('should keep a text over several lines, and count lines right after it', () => {
    const [mail] = csv('text,label\n"Oi,\n\ntudo bem?",a\n')
    assert.equal(mail?.text, 'Oi,\n\ntudo bem?')
    assert.throws(() => csv('text,label\n"Oi,\n\ntudo bem?",a\n,b\n'), /^Error: x\.csv:5: no text/u)
  })

  it('should say in which line what is wrong, and what to do', () => {
    const bad: readonly (readonly [() => unknown, RegExp])[] = [
      [() => jsonl({ text: 'x', label: 'a' }, { text: 'y' }), /^x\.jsonl:2: no label: write one/u],
      [() => jsonl({ text: ' ', label: 'a' }), /^x\.jsonl:1: no text: write one/u],
      [() => jsonl({ text: ['x'], label: 'a' }), /^x\.jsonl:1: text must be words/u],
      [() => jsonl('x'), /^x\.jsonl:1: not a JSON object/u],
      [() => jsonl([1]), /^x\.jsonl:1: not a JSON object/u],
      [() => jsonl(null), /^x\.jsonl:1: not a JSON object/u],
      [() => parseSamples('x.jsonl', '{"text":'), /^x\.jsonl:1: not JSON/u],
      [
        () => jsonl({ text: 'x', label: 'a', amount: 'much' }),
        /“much” is no amount: write 1\.234,56/u,
      ],
      [() => jsonl({ text: 'x', label: 'a', date: '31/02/2025' }), /“31\/02\/2025” is no date/u],
      [() => jsonl({ text: 'x', label: 'a'.repeat(201) }), /a label of 201 characters/u],
      [() => csv('text,label\nx,a,b'), /^x\.csv:2: another number of columns/u],
      [() => csv('text,label\n"x,a\ny,b'), /^x\.csv:\d: a quote is opened and never closed/u],
      [() => csv('text,label\nx "y",a'), /^x\.csv:2: a quote within a text/u],
      [() => csv('name,label\nx,a'), /^x\.csv:1: no column is called text .* says name, label/u],
      [() => csv('text\nx'), /^x\.csv:1: no column is called label/u],
      [() => csv('text,label\n'), /^x\.csv: holds no row/u],
      [() => csv(''), /^x\.csv: holds no row/u],
      [() => parseSamples('x.jsonl', '\n\n'), /^x\.jsonl: holds no row/u],
      [() => parseSamples('x.xlsx', ''), /^x\.xlsx: neither \.jsonl nor \.csv/u],
    ]
    for (const [run, message] of bad)
      assert.throws(run, (error: Error) => message.test(error.message), String(message))
  })

  it('should refuse 100 KB in one text', () => {
    assert.throws(
      () => jsonl({ text: 'x'.repeat(100_000), label: 'a' }),
      /x\.jsonl:1: a text of 100000 characters: at most 50000/u,
    )
  })

  it('should come back from a quote that swallows the rest of a large file', () => {
    const content = `text,label\n"x,a\n${'y,b\n'.repeat(400_000)}`
    assert.throws(() => csv(content), /^Error: x\.csv:\d+: .*a quote is.* opened and never closed/u)
  })

  it('should not be led astray by names that every object has', () => {
    const [sample] = parseSamples('x.jsonl', '{"__proto__":{"label":"b"},"text":"x","label":"a"}')
    assert.deepEqual(sample, { text: 'x', label: 'a', language: '' })
    assert.equal(csv('constructor,text,label\n1,x,toString')[0]?.label, 'toString')
  })

  it('should clean texts of what is not text', () => {
    const [sample] = jsonl({ text: 'a\u0000b\u0301\uD800', label: ' two   words ' })
    assert.deepEqual(sample, {
      text: 'ab\u0301\uFFFD'.normalize('NFC'),
      label: 'two words',
      language: '',
    })
  })
})
