import { readWords, type Word } from './words.js'

/** The rest of a longer text is not read: nobody writes that much by hand. In characters. */
const maxTextLength = 20_000

export type Mood = 'statement' | 'question' | 'exclamation'

/** A word where it stands. */
export interface Token {
  readonly word: Word
  /** Of the sentence it stands in. */
  readonly mood: Mood
  readonly startsSentence: boolean
}

/** Cuts a text into words, marks (`?`, `!`, emoji) and placeholders for addresses. Linear. */
export function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = []
  const lines = text.slice(0, maxTextLength).normalize('NFC').split('\n')
  for (const line of lines) for (const runs of splitSentences(line)) pushSentence(tokens, runs)
  return tokens
}

/** Gives the sentences of a line, each as its runs of non-blank characters. */
function splitSentences(line: string): string[][] {
  const sentences: string[][] = []
  let runs: string[] = []
  for (const run of line.match(/\S+/gu) ?? []) {
    runs.push(run)
    if (!/[.!?…;:]['")\]]?$/u.test(run.slice(-2))) continue
    sentences.push(runs)
    runs = []
  }
  if (runs.length > 0) sentences.push(runs)
  return sentences
}

function pushSentence(tokens: Token[], runs: readonly string[]): void {
  const mood = findMood(runs.at(-1) ?? '')
  let startsSentence = true
  for (const run of runs) {
    for (const word of readWords(run)) {
      tokens.push({ word, mood, startsSentence })
      startsSentence = false
    }
  }
}

function findMood(end: string): Mood {
  const tail = end.slice(-3)
  if (tail.includes('?')) return 'question'
  return tail.includes('!') ? 'exclamation' : 'statement'
}
