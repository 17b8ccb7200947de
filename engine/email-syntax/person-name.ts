import { isSignatureMarker } from './email-markers.js'
import { type EmailParts, splitEmail } from './email-text.js'
import { foldName } from './given-names.js'
import { readMailbox, readOwnHeaders } from './mail-headers.js'
import { type NamedPerson, readPersonName } from './name-line.js'

/** Names stand near a mail's end; further up they are those of other people. */
const mostLinesRead = 14
const longestLineRead = 160

/**
 * The name of the mail's sender, only where it is surely known: signed below a closing or on a last line
 * of its own, else from the mail's own `From`, else said in the text (`meu nome é`).
 *
 * @returns undefined where nothing says it, or where two people signed
 */
export function findPersonName(text: string): string | undefined {
  const parts = splitEmail(text)
  const from = findFrom(text)
  const greeted = findGreeted(parts.newest)
  const isSender = (person: NamedPerson | undefined): person is NamedPerson =>
    person !== undefined && !greeted.has(person.firstName)
  const people = (lines: readonly string[]) =>
    lines.map((line) => readPersonName(line, from.address)).filter(isSender)
  const lines = readLastLines(text, parts)
  const signed = findSignedLines(lines)
    .map(people)
    .find(({ length }) => length > 0)
  if (signed !== undefined) return chooseOne(signed)?.name
  const sender =
    readPersonName(from.name, from.address) ?? readPersonName(turnAround(from.name), from.address)
  if (sender !== undefined) return sender.name
  const [said] = people([...findLastLine(lines), ...findIntroduction(parts.newest)])
  return said?.name
}

const findFrom = (text: string) =>
  readMailbox(readOwnHeaders(text).find(({ name }) => name === 'from')?.value ?? '')

/** Address books write `Souza, Maria`. */
const turnAround = (name: string): string =>
  name.replace(/^([^,]{2,40}),\s*([^,]{2,40})$/u, '$2 $1')

/** The sender's own lines as they stand: taken apart, a name may come before its closing. */
function readLastLines(text: string, { newest, signature }: EmailParts): readonly string[] {
  const rest = [newest, signature].map((part) => toLines(part).reverse())
  return toLines(text)
    .filter((line) => rest.some((part) => part.at(-1) === line && part.pop() !== undefined))
    .map((line) => line.slice(-longestLineRead))
    .filter((line) => line === '--' || !isSignatureMarker(line))
    .slice(-mostLinesRead)
}

const toLines = (text: string): string[] =>
  text
    .replace(/[\u200B-\u200D\u2060\uFEFF]/gu, '')
    .split(/\r\n|\r|\n/u)
    .map((line) => line.replaceAll('\u00A0', ' ').trim())
    .filter((line) => line !== '')

/** Without accents, in small letters. */
const closings = [
  'att|atte|atenciosamente|cordialmente|respeitosamente|sinceramente|abs|abcs|bjs',
  '(?:com )?(?:os )?(?:(?:meus|nossos|melhores|cordiais|respeitosos) )*(?:cumprimentos|saudacoes)',
  '(?:(?:um|forte|grande|outro) )*(?:abracos?|beij(?:o|inho)s?)|ate (?:breve|logo|mais|la)',
  'com (?:\\p{L}+ ){0,3}(?:estima|carinho|afeto|apreco|amizade|gratidao|consideracao|respeito|admiracao)',
  'bem hajam?|fiquem? com deus|bom (?:fim de semana|feriado|trabalho)|boa semana|valeu',
  '(?:muito )?obrigad[oa]s?|grat[oa]s?|agradec\\p{L}*|desde ja|(?:fico )?(?:no )?aguard\\p{L}*',
  '(?:(?:with|best|kind|kindest|warm|warmest|many) )*(?:regards|wishes|thanks|greetings)|rgds',
  'sincerely|yours|best|very best|cheers|all the best|take care|hugs|blessings|god bless|(?:much |lots of )?love',
  '(?:grateful|warm|respectful|cordial|faithful|humb)ly|have a (?:good|great|nice|lovely) \\p{L}+',
  'with (?:\\p{L}+ ){0,3}(?:love|gratitude|thanks|appreciation|respect|apologies|wish(?:es)?|greetings)',
  'thank you|thx|looking forward|look forward|saludos|--',
]
const closing = new RegExp(`^(?:${closings.join('|')})(?!\\p{L})`, 'u')
const longestClosing = 60

const isClosing = (line: string): boolean =>
  line.length <= longestClosing && !line.endsWith(':') && closing.test(foldName(line))

/** What stands beside a closing (`Att, Ana Lima`) and below it, from the last closing upwards. */
function findSignedLines(lines: readonly string[]): readonly (readonly string[])[] {
  const below = lines.flatMap((line, at) =>
    isClosing(line) ? [[...findBeside(line), ...lines.slice(at + 1, at + 3)]] : [],
  )
  return [findBeside(lines.at(-1) ?? ''), ...below.reverse()]
}

/** Thanks are not among these: `Obrigado, Marcos` is said to Marcos. */
const closingBeside =
  /(?:^|[.!?…]\s+)(?:att|atte|atenciosamente|cordialmente|respeitosamente|(?:um )?abra[cç]os?|abs|(?:(?:best|kind|warm) )?regards|(?:yours )?sincerely|yours|best)(?:[,.]\s*|\s+)([^,.!?]{2,60})[,.]?$/iu

const findBeside = (line: string): readonly string[] => {
  const beside = closingBeside.exec(line)?.[1]
  return beside === undefined ? [] : [beside]
}

/** Two lines may name one person twice, `Ana` and `Ana Lima`; two people can't be greeted as one. */
function chooseOne(people: readonly NamedPerson[]): NamedPerson | undefined {
  const [first, second] = people
  if (second === undefined) return first
  if (first?.firstName !== second.firstName) return undefined
  return first.wordCount < second.wordCount ? second : first
}

/** A last line of its own below a finished sentence; below a colon or a list it is somebody else. */
function findLastLine(lines: readonly string[]): readonly string[] {
  const [before, last] = lines.slice(-2)
  return last !== undefined && /[.!?…)]$/u.test(before ?? '') ? [last] : []
}

const introduction =
  /(?<!\p{L})(?:meu nome (?:é|e)|(?:eu )?me chamo|chamo-me|my name is|my name's)\s+([^\n,.;:!?()]{2,80})/iu

/** The words up to the first that is written like no part of a name. */
function findIntroduction(newest: string): readonly string[] {
  const said = introduction.exec(newest.slice(0, 20_000))?.[1] ?? ''
  const name = /^\p{Lu}[\p{L}'’-]+(?:\s(?:(?:d[aeo]s?|e|van|von|del?)\s)?\p{Lu}[\p{L}'’-]+)*/u.exec(
    said,
  )
  return name === null ? [] : [name[0]]
}

const salutation = String.raw`oi|ol[aá]|opa|bom dia|boa tarde|boa noite|(?:prezad|car|querid|estimad|exm)[oa]s?|dear|hi|hello|hey|good (?:morning|afternoon|evening)`
const titleBefore = String.raw`(?:dra?|don[ao]|profa?|sra?|eng[oa]?|mrs?|ms|miss|seu|senhora?)(?!\p{L})[.ªº]*\s+`
const greeting = new RegExp(
  String.raw`^(?:${salutation})(?:[.,]\s*|\s+)(?:${titleBefore}){0,3}([^,.!?:;\n–-]{2,60})`,
  'iu',
)

/** Whom the mail speaks to; `Olá, sou a Ana` speaks to nobody by name. */
function findGreeted(newest: string): ReadonlySet<string> {
  const names = (greeting.exec(newest.trimStart().slice(0, 200))?.[1] ?? '').trim().split(/\s+/u)
  const isAddress = names.length <= 2 || names.every((name) => /^\p{Lu}/u.test(name))
  return new Set(isAddress ? names.map(foldName) : [])
}
