import { extractionSentences } from '../../../services/extraction/extraction-errors.js'
import { declareErrors } from '../../http/common-errors.js'

/** What the classification of e-mail refuses. Why a run of it failed is said in extraction-errors.ts. */
export const classificationErrors = declareErrors({
  nothing_to_classify: {
    status: 400,
    pt: 'Nada para classificar: envie um texto no campo "text" ou um arquivo no campo "file".',
    en: 'Nothing to classify: send a text in the field "text" or a file in the field "file".',
  },
  empty_file: {
    status: 400,
    pt: 'O arquivo está vazio (0 bytes): confira-o e envie de novo.',
    en: 'The file is empty (0 bytes): check it and send it again.',
  },
  not_text: { status: 400, ...extractionSentences.not_text },
  pdf_not_pdf: { status: 400, ...extractionSentences.pdf_not_pdf },
  job_not_found: {
    status: 404,
    pt: 'Trabalho não encontrado: confira o identificador; ele pode ter sido removido.',
    en: 'Job not found: check the id; it may have been removed.',
  },
})
