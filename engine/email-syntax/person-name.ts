import { findBesideFormula, isClosing } from './closings.js'
import { type EmailParts, splitEmail } from './email-text.js'
import { findGreeted } from './greeting.js'
import { toLines } from './lines.js'
import { readOwnHeaders } from './mail-headers.js'
import { readMailbox } from './mailbox.js'
import { type NamedPerson, readPersonName } from './name-line.js'
import { isDeviceLine, isSignatureDelimiter } from './signature.js'

/** Names stand near a mail's end; further up they are those of other people. */
const maxLinesRead = 14
const maxLineLength = 160
/** Who they are, people say early in a mail. */
const maxIntroductionEnd = 20_000

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
  const rest = [newest, signature].map((part) => toWrittenLines(part).reverse())
  return toWrittenLines(text)
    .filter((line) => rest.some((part) => part.at(-1) === line && part.pop() !== undefined))
    .map((line) => line.slice(-maxLineLength))
    .filter((line) => !isDeviceLine(line))
    .slice(-maxLinesRead)
}

const toWrittenLines = (text: string): string[] =>
  toLines(text)
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** Gives what stands beside each closing (`Att, Ana Lima`) and below it, the last closing first. */
function findSignedLines(lines: readonly string[]): readonly (readonly string[])[] {
  const below = lines.flatMap((line, at) =>
    isClosing(line) || isSignatureDelimiter(line)
      ? [[...findBeside(line), ...lines.slice(at + 1, at + 3)]]
      : [],
  )
  return [findBeside(lines.at(-1) ?? ''), ...below.reverse()]
}

const findBeside = (line: string): readonly string[] => {
  const beside = findBesideFormula(line)
  return beside === undefined ? [] : [beside]
}

/** Two lines may name one person twice, `Ana` and `Ana Lima`; two people can't be greeted as one. */
function chooseOne(people: readonly NamedPerson[]): NamedPerson | undefined {
  const [first, second] = people
  if (second === undefined) return first
  if (first?.firstName !== second.firstName) return undefined
  return first.wordCount < second.wordCount ? second : first
}

/** A last line below a finished sentence is the sender; below a colon or a list it is somebody else. */
function findLastLine(lines: readonly string[]): readonly string[] {
  const [before, last] = lines.slice(-2)
  return last !== undefined && /[.!?…)]$/u.test(before ?? '') ? [last] : []
}

const introduction =
  /(?<!\p{L})(?:meu nome (?:é|e)|(?:eu )?me chamo|chamo-me|my name is|my name's)\s+([^\n,.;:!?()]{2,80})/iu

/** Gives the words up to the first that is not written like a part of a name. */
function findIntroduction(newest: string): readonly string[] {
  const said = introduction.exec(newest.slice(0, maxIntroductionEnd))?.[1] ?? ''
  const name = /^\p{Lu}[\p{L}'’-]+(?:\s(?:(?:d[aeo]s?|e|van|von|del?)\s)?\p{Lu}[\p{L}'’-]+)*/u.exec(
    said,
  )
  return name === null ? [] : [name[0]]
}
