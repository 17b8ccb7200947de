/** One run of text as the PDF reader gives it: `y` and `height` in points, y counts upwards. */
export interface TextRun {
  readonly text: string
  readonly endsLine: boolean
  readonly y: number
  readonly height: number
}

/** A step down of more lines than this is a new paragraph: single spacing is 1.2, one-and-a-half 1.8. */
const PARAGRAPH_STEP_LINES = 2

/** A page's text from its runs in reading order: lines as they are set, an empty line between paragraphs. */
export function pageLines(runs: readonly TextRun[]): string {
  let text = ''
  let previous: TextRun | undefined
  for (const run of runs) {
    if (previous !== undefined && run.text.trim() !== '') {
      if (startsParagraph(previous, run)) text += text.endsWith('\n') ? '\n' : '\n\n'
    }
    text += run.endsLine ? `${run.text}\n` : run.text
    if (run.text.trim() !== '') previous = run
  }
  return text
}

function startsParagraph(previous: TextRun, run: TextRun): boolean {
  return previous.y - run.y > PARAGRAPH_STEP_LINES * Math.max(previous.height, run.height)
}
