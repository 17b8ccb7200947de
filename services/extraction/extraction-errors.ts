import type { ClassificationError } from '../../db/schema/email-classification.js'
import type { Language } from '../../engine/labels.js'

/** Everything that can be wrong with an uploaded text or PDF; a retry mends none of it. */
export type ExtractionCode = ClassificationError

/** The file is at fault, not the system: `code` is the machine word, `message` the sentence in Portuguese. */
export class ExtractionError extends Error {
  override readonly name: string = 'ExtractionError'

  constructor(readonly code: ExtractionCode) {
    super(extractionSentences[code].pt)
  }
}

/** One sentence for the person who sent the file: what is wrong and what to do. */
export const extractionSentences: Readonly<
  Record<ExtractionCode, Readonly<Record<Language, string>>>
> = {
  not_text: {
    pt: 'O arquivo não contém texto legível; envie um arquivo .txt ou um PDF.',
    en: 'The file holds no readable text; send a .txt file or a PDF.',
  },
  pdf_not_pdf: {
    pt: 'O arquivo não é um PDF, apesar do nome; envie o PDF original ou um arquivo .txt.',
    en: 'The file is not a PDF, whatever its name says; send the original PDF or a .txt file.',
  },
  pdf_encrypted: {
    pt: 'O PDF está protegido por senha; remova a senha e envie-o de novo.',
    en: 'The PDF is protected by a password; remove the password and send it again.',
  },
  pdf_damaged: {
    pt: 'O PDF está danificado ou incompleto; gere o arquivo de novo e envie-o outra vez.',
    en: 'The PDF is damaged or incomplete; create the file anew and send it again.',
  },
  pdf_without_text: {
    pt: 'O PDF não tem texto, talvez seja uma digitalização; envie um PDF com texto ou cole o texto.',
    en: 'The PDF has no text, it may be a scan; send a PDF with text or paste the text.',
  },
  pdf_too_many_pages: {
    pt: 'O PDF tem páginas demais; envie só as páginas que importam.',
    en: 'The PDF has too many pages; send only the pages that matter.',
  },
  pdf_too_slow: {
    pt: 'A leitura do PDF demorou demais; envie um PDF mais simples ou cole o texto.',
    en: 'Reading the PDF took too long; send a simpler PDF or paste the text.',
  },
  pdf_too_large: {
    pt: 'O conteúdo do PDF é grande demais para ser lido; divida-o ou cole o texto.',
    en: 'The content of the PDF is too large to be read; split it or paste the text.',
  },
  empty_text: {
    pt: 'O arquivo está vazio; envie um arquivo com texto.',
    en: 'The file is empty; send a file with text.',
  },
}
