/** So much of a text is read; more is not written by hand and would only cost time. In characters. */
const longestText = 20_000
/** So much of one unbroken run of characters is looked at for an address. */
const longestAddress = 200
/** So much of one word is kept; encoded data is longer. */
const longestWord = 30

const wordOrMark =
  /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’]\p{L}+)*|[?!%$€]|\p{Extended_Pictographic}/gu

export type Mood = 'statement' | 'question' | 'exclamation'

export interface Token {
  /** As the text writes it. */
  readonly surface: string
  /** Lower case, each run of digits a `0`, accents kept. */
  readonly word: string
  /** The same without accents: what people write in a hurry. */
  readonly folded: string
  /** Words have n-grams of characters; placeholders, numbers and marks don't. */
  readonly isWord: boolean
  /** Of the sentence it stands in. */
  readonly mood: Mood
  readonly startsSentence: boolean
}

type Piece = Omit<Token, 'mood' | 'startsSentence'>

/** Cuts a text into words, marks (`?`, `!`, emoji) and placeholders for addresses. Linear. */
export function tokenise(text: string): readonly Token[] {
  return text
    .slice(0, longestText)
    .normalize('NFC')
    .split('\n')
    .flatMap((line) => splitSentences(line).flatMap(tokeniseSentence))
}

/** Gives the sentences of a line, each as its runs of non-blank characters. */
function splitSentences(line: string): string[][] {
  const sentences: string[][] = []
  let chunks: string[] = []
  for (const chunk of line.split(/\s+/u)) {
    if (chunk === '') continue
    chunks.push(chunk)
    if (!/[.!?…;:]['")\]]?$/u.test(chunk)) continue
    sentences.push(chunks)
    chunks = []
  }
  return [...sentences, chunks]
}

function tokeniseSentence(chunks: readonly string[]): Token[] {
  const mood = findMood(chunks.at(-1) ?? '')
  return chunks
    .flatMap((chunk) => findAddress(chunk) ?? [...chunk.matchAll(wordOrMark)].map(toPiece))
    .map((piece, index) => ({ ...piece, mood, startsSentence: index === 0 }))
}

function findMood(end: string): Mood {
  const tail = end.slice(-3)
  if (tail.includes('?')) return 'question'
  return tail.includes('!') ? 'exclamation' : 'statement'
}

function findAddress(chunk: string): Piece | undefined {
  const start = chunk.slice(0, longestAddress).toLowerCase()
  const word = /^[^\p{L}]*(?:https?:\/\/|www\.)/u.test(start)
    ? '<url>'
    : /^[^@]+@[^@.]+\.[^@]+$/u.test(start)
      ? '<email>'
      : undefined
  if (word === undefined) return undefined
  return { surface: chunk.slice(0, longestWord), word, folded: word, isWord: false }
}

function toPiece([match]: RegExpExecArray): Piece {
  const surface = match.slice(0, longestWord)
  const word = surface
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/\p{N}+/gu, '0')
  const folded = word.normalize('NFD').replace(/\p{M}+/gu, '')
  return { surface, word, folded, isWord: /\p{L}/u.test(folded) }
}
