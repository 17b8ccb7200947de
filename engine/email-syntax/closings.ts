import { foldName } from './fold-name.js'

/** How people close a mail, as patterns of folded words. A formula says nothing: it is cut off with the name below it. */
const formulas = [
  'att|atte|atenciosamente|cordialmente|respeitosamente|sinceramente|abs|abcs|bjs',
  '(?:com )?(?:os )?(?:(?:meus|nossos|melhores|cordiais|respeitosos) )*(?:cumprimentos|saudacoes)',
  '(?:(?:um|forte|grande|outro) )*(?:abracos?|beij(?:o|inho)s?)',
  'com (?:\\p{L}+ ){0,3}(?:estima|carinho|afeto|apreco|amizade|consideracao|respeito|admiracao)',
  '(?:(?:with|best|kind|kindest|warm|warmest|many) )*(?:regards|wishes|greetings)|rgds',
  '(?:yours )?(?:sincerely|truly|faithfully)|yours|(?:very )?best|all the best|hugs|blessings|saludos',
  '(?:respectful|cordial|faithful)ly',
]

/** A formula that may also be thanks, so that a name beside it may be the reader's. */
const ambiguousFormula = 'cheers'

/** These close a mail too, but say something: thanks, wishes, what is waited for. They stay text. */
const remarks = [
  '(?:muito )?obrigad[oa]s?|grat[oa]s?|agradec\\p{L}*|desde ja|(?:fico )?(?:no )?aguard\\p{L}*|valeu',
  'com (?:\\p{L}+ ){0,3}gratidao|ate (?:breve|logo|mais|la)|bem hajam?|fiquem? com deus',
  'bom (?:fim de semana|feriado|trabalho)|boa semana',
  '(?:(?:with|best|kind|kindest|warm|warmest|many) )*thanks|thank you|thx|gratefully',
  'with (?:\\p{L}+ ){0,3}(?:gratitude|thanks|appreciation|apologies)|looking forward|look forward',
  '(?:much |lots of )?love|(?:warm|humb)ly|with (?:\\p{L}+ ){0,3}(?:love|respect|wish(?:es)?|greetings)',
  'take care|god bless|have a (?:good|great|nice|lovely) \\p{L}+',
]

const maxClosingLength = 60
const formulaLine = new RegExp(
  `^(?:${[...formulas, ambiguousFormula].join('|')})\\s?[,.!]{0,2}$`,
  'u',
)
const closingStart = new RegExp(
  `^(?:${[...formulas, ambiguousFormula, ...remarks].join('|')})(?!\\p{L})`,
  'u',
)
const formulaBeside = new RegExp(
  `(?:^|[.!?…]\\s+)(?:${formulas.join('|')})(?:[,.]\\s*|\\s+)([^,.!?]{2,60})[,.]?$`,
  'u',
)

/** Says whether a line is a formula and nothing else: `Att,`, `Best regards,`. */
export const isClosingFormula = (line: string): boolean =>
  line.length < maxClosingLength && formulaLine.test(foldName(line.trim()))

/** Says whether a line begins with any closing, so that the line below it may be a name. */
export const isClosing = (line: string): boolean =>
  line.length <= maxClosingLength && !line.endsWith(':') && closingStart.test(foldName(line))

/** Gives what stands beside a formula on its line, as `Ana Lima` in `Att, Ana Lima`. */
export function findBesideFormula(line: string): string | undefined {
  const composed = line.normalize('NFC')
  const found = formulaBeside.exec(foldLetters(composed))?.[1]
  return found && composed.replace(/[,.]$/u, '').slice(-found.length)
}

/** As foldName(), but as long as the line, so that a place in one is the same place in the other. */
const foldLetters = (line: string): string =>
  line.replace(/\p{L}/gu, (letter) => {
    const folded = foldName(letter)
    return folded.length === letter.length ? folded : letter
  })
