import assert from 'node:assert/strict'
import { findPersonName } from '../../../engine/email-syntax/person-name.js'

const text = 'Bom dia, preciso de uma segunda via do boleto.'
const signed = (signature: string, closing = 'Atenciosamente,') =>
  `${text}\n\n${closing}\n${signature}`
const sent = (from: string, body = text) => `From: ${from}\nSubject: Boleto\n\n${body}`

describe('findPersonName', () => {
  for (const name of [
    'Maria Aparecida Souza',
    'João da Silva',
    'Ana-Clara Lima',
    "Peter O'Neil",
    'Lúcia D’Ávila',
    'Érica dos Santos e Souza',
    "Maria Emília Sant'Anna Prates",
    'Ian McAllister',
    'Grace Owusu-Barnes',
    'Maaike van der Meer',
    'Jean-Luc Armand',
    'Maria',
    'Dr. Carlos Mota',
    'Profa. Ana Lima',
    'Prof. Dr. João Siqueira',
    'Prof.ª Dra. Nadir Sequeira',
    'Eng. Paulo Reis',
    'Eng.ª Rita Lobo',
    "Mr O'Dowd",
    'Dra. Esi Quartey',
    'Ana e João',
    'Beatrice and Hugh Langford',
  ])
    it(`finds ${name}`, () => {
      assert.equal(findPersonName(signed(name)), name)
    })

  for (const [signature, name] of [
    ['— Maria Souza,', 'Maria Souza'],
    ['*Maria Souza*', 'Maria Souza'],
    ['MARIA APARECIDA DE SOUZA', 'Maria Aparecida de Souza'],
    ["PETER O'NEIL", "Peter O'Neil"],
    ['ANA-CLARA LIMA', 'Ana-Clara Lima'],
    ['DRA. ANA LIMA', 'Dra. Ana Lima'],
    ['maria de souza', 'Maria de Souza'],
    ['marcos', 'Marcos'],
    ['Berenice F. Lustosa', 'Berenice F. Lustosa'],
    ['Imogen S.', 'Imogen'],
    ['Ana Lima, PhD', 'Ana Lima'],
    ['Ana Lima - Gerente de Contas', 'Ana Lima'],
    ['Camila – RH', 'Camila'],
    ['Ana Lima | Acme Ltda', 'Ana Lima'],
    ['Sunniva Lachlan (mother of Ebbe, 6B)', 'Sunniva Lachlan'],
    ['Ana Lima\nAcme Ltda\nTel. 11 99999-0000', 'Ana Lima'],
    ['Acme Ltda\nAna Lima', 'Ana Lima'],
    ['Ana\n\nAna Lima\nGerente', 'Ana Lima'],
    ['Ana Lima\n\nEnviado do meu iPhone', 'Ana Lima'],
  ] as const)
    it(`reads ${JSON.stringify(signature)} as ${name}`, () => {
      assert.equal(findPersonName(signed(signature)), name)
    })

  for (const closing of [
    'Att,',
    'Obrigada,',
    'Obrigado pela atenção.',
    'Grata',
    'Com os melhores cumprimentos,',
    'Um forte abraço,',
    'Fico no aguardo',
    'Desde já agradeço a atenção',
    'Agradeço',
    'Thanks,',
    'Thank you in advance,',
    'With kind regards,',
    'Best wishes,',
    'Gratefully,',
    'Humbly,',
    'Much love,',
    'With deep gratitude,',
    'With every good wish',
    'Have a good weekend,',
    'Com a mesma consideração de sempre,',
    'Com estima,',
    'Um beijo grande em todos,',
    'Bem hajam,',
    'Fiquem com Deus',
    '--',
  ])
    it(`finds a name below ${JSON.stringify(closing)}`, () => {
      assert.equal(findPersonName(signed('Maria Souza', closing)), 'Maria Souza')
    })

  for (const end of [
    'Att, Maria Souza',
    'Att Maria Souza\nTel. 11 99999-0000',
    'Abraços, Maria Souza',
    'Best, Maria Souza',
    'Best wishes, Maria Souza',
    'Um forte abraço, Maria Souza',
    'Preciso dela hoje. Atenciosamente, Maria Souza.',
    'Maria Souza',
    'Maria Souza\nEnviado do meu iPhone',
    'Meu nome é Maria Souza e o meu protocolo é o 42.',
    'My name is Maria Souza, from unit 4.',
  ])
    it(`finds it in the end ${JSON.stringify(end)}`, () => {
      assert.equal(findPersonName(`${text}\n${end}`), 'Maria Souza')
    })

  it('finds a name in an English mail', () => {
    assert.equal(
      findPersonName('Could you send me the invoice?\n\nBest regards,\nJohn Smith\nAcme Inc'),
      'John Smith',
    )
  })

  for (const [from, name] of [
    ['Maria Souza <maria@example.org>', 'Maria Souza'],
    ['"Maria Souza" <maria@example.org>', 'Maria Souza'],
    ["'Maria Souza' <maria@example.org>", 'Maria Souza'],
    ['"Souza, Maria" <maria@example.org>', 'Maria Souza'],
    ['"Maria Souza, Acme" <maria@example.org>', 'Maria Souza'],
    ['MARIA SOUZA <maria@example.org>', 'Maria Souza'],
    ['=?UTF-8?Q?Jo=C3=A3o_da_Silva?= <j@example.org>', 'João da Silva'],
    ['=?iso-8859-1?B?Sm/jbyBSZWlz?= <j@example.org>', 'João Reis'],
    ['Maria Souza [mailto:maria@example.org]', 'Maria Souza'],
    ['maria@example.org (Maria Souza)', 'Maria Souza'],
    ['Kauhana Torp <kauhana.torp@example.org>', 'Kauhana Torp'],
  ] as const)
    it(`finds ${name} in the sender ${from}`, () => {
      assert.equal(findPersonName(sent(from)), name)
    })

  for (const from of [
    'maria.souza@example.org',
    'Kauhana Torp <contact@example.org>',
    'Acme Ltda <maria@example.org>',
    'Mercado Livre <contato@example.org>',
    '=?UTF-8?Q?=FF=FE?= <j@example.org>',
    'Maria Souza via Planilhas <x@example.org>',
    'Maria <script> <x@example.org>',
    'Secretaria, Maria Vendas <x@example.org>',
  ])
    it(`finds no name in the sender ${from}`, () => {
      assert.equal(findPersonName(sent(from)), undefined)
    })

  it('believes the signature before the sender, and what it quotes in nothing', () => {
    assert.equal(findPersonName(sent('Ana Lima <a@example.org>', signed('Rui Reis'))), 'Rui Reis')
    assert.equal(
      findPersonName(`${text}\n\n> De: Ana\n> Atenciosamente,\n> Maria Souza`),
      undefined,
    )
    assert.equal(
      findPersonName(`Segue.\n\nEm 3 de maio de 2025, Rui escreveu:\n\nOlá\nAtt,\nRui Reis`),
      undefined,
    )
  })

  for (const line of [
    'Equipe de Suporte',
    'Secretaria Municipal',
    'Acme Ltda',
    'Mercado Livre',
    'Porto Seguro',
    'Recursos Humanos',
    'Contas a Receber',
    'Riverbank Home Loans',
    'Human Resources',
    'Lattimer & Roe Solicitors',
    'Silva e Filhos',
    'Amsel & Sons',
    'Colégio Santa Maria',
    'Direção do Colégio Lumiar',
    'Maria do Financeiro',
    'maria da portaria',
    'Mãe da Liz',
    'Irmã Zélia',
    "Dean's office",
    'N. Baptiste',
    'Ana Lima\nJoão Souza',
    'Ana Lima, João Souza',
    'Ana Lima / João Souza',
    'Maria, segue o boleto',
    'Maria Souza, segue o boleto.',
    'Maria Souza?',
    'Enviado do meu iPhone',
    'Tel. 11 99999-0000',
    'https://example.com',
    'maria.souza@example.org',
    'Maria <script>',
    'Olá ${name} Souza',
    'JosÃ© Souza',
    'Ana Ana Ana Ana Ana Ana Ana',
    'Dra.',
    'e Maria',
    '',
  ])
    it(`takes ${JSON.stringify(line)} for no name`, () => {
      assert.equal(findPersonName(signed(line)), undefined)
    })

  for (const mail of [
    'Maria Souza ligou ontem e pediu o boleto.',
    'Oi Marcos, preciso do boleto.',
    'Oi Marcos,\n\nPreciso do boleto.\n\nAbraços, Marcos!',
    'Olá, Marcos, tudo bem?\n\nPreciso do boleto.\n\nUm abraço,\nMarcos',
    'Prezado Dr. Marcos Reis,\n\nPreciso do boleto.\nDr. Marcos Reis',
    'Dear Mark,\n\nPlease send the invoice.\n\nBest, Mark',
    'Preciso do boleto. Obrigado, Marcos',
    'Please send the invoice. Cheers, Mark',
    'Preciso do boleto. Obrigado, Marcos.',
    'Favor enviar o histórico desta aluna:\nMaria Souza',
    'Favor falar com\nMaria Souza',
    'Maria Souza',
    'Confirmo a presença de:\n\nAtt: Maria Souza',
    'O meu nome está errado no boleto: Maria Souza',
    '',
  ])
    it(`guesses no name in ${JSON.stringify(mail)}`, () => {
      assert.equal(findPersonName(mail), undefined)
    })

  it('greets the one who says in the greeting who they are', () => {
    assert.equal(findPersonName(`Olá, sou a Maria Souza.\n${signed('Maria Souza')}`), 'Maria Souza')
  })

  it('is quick with hostile texts', () => {
    const begun = performance.now()
    for (const piece of ['Att, ', 'Maria ', 'meu nome é ', 'A-', '\nAtt\n', ' ,', '\t', "O'"])
      findPersonName(`Oi ${piece.repeat(100_000)}`)
    assert.ok(performance.now() - begun < 3_000)
  })
})
