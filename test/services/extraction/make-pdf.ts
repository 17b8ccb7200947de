import PDFDocument from 'pdfkit'

/** A real PDF with one page for each text; the standard font Helvetica, in Windows-1252. */
export function makePdf(
  pages: readonly string[],
  options: PDFKit.PDFDocumentOptions = {},
): Promise<Buffer> {
  return drawPdf((pdf) => {
    pages.forEach((text, index) => {
      if (index > 0) pdf.addPage()
      pdf.text(text)
    })
  }, options)
}

/** A real PDF with what `draw` puts on it. */
export async function drawPdf(
  draw: (pdf: PDFKit.PDFDocument) => void,
  options: PDFKit.PDFDocumentOptions = {},
): Promise<Buffer> {
  const pdf = new PDFDocument(options)
  draw(pdf)
  pdf.end()
  const chunks: Buffer[] = []
  for await (const chunk of pdf) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

type PdfObject = string | { readonly entries: string; readonly stream: Uint8Array }

/** A PDF written object by object, for what no honest program writes; object 1 is the catalogue. */
export function assemblePdf(objects: readonly PdfObject[], trailer = ''): Buffer {
  const parts = [Buffer.from('%PDF-1.7\n')]
  let length = 9
  const offsets = objects.map((object, index) => {
    const offset = length
    const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), body(object), end])
    parts.push(part)
    length += part.length
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const size = objects.length + 1
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}`
  const tail = `trailer\n<</Size ${size}/Root 1 0 R ${trailer}>>\nstartxref\n${length}\n%%EOF`
  return Buffer.concat([...parts, Buffer.from(table + tail)])
}

const end = Buffer.from('\nendobj\n')

function body(object: PdfObject): Buffer {
  if (typeof object === 'string') return Buffer.from(object, 'latin1')
  const head = `<<${object.entries} /Length ${object.stream.length}>>\nstream\n`
  return Buffer.concat([Buffer.from(head), object.stream, Buffer.from('\nendstream')])
}

const helvetica = '<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>'

/** One page whose content is the given one, compressed already. */
export function onePagePdf(deflated: Uint8Array, resources = ''): Buffer {
  return assemblePdf([
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Count 1/Kids[3 0 R]>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>${resources}>>>>`,
    { entries: '/Filter/FlateDecode', stream: deflated },
    helvetica,
  ])
}

/**
 * Two pages in a few kilobytes, of which the second takes 10^depth steps to read: each form draws the
 * next one ten times.
 */
export function endlessPdf(depth = 12): Buffer {
  const forms = Array.from({ length: depth }, (_, index) => {
    const last = index === depth - 1
    const resources = last ? '/Font<</F1 5 0 R>>' : `/XObject<</X ${index + 7} 0 R>>`
    const content = last ? 'BT /F1 12 Tf (x) Tj ET' : '/X Do '.repeat(10)
    return {
      entries: `/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<<${resources}>>`,
      stream: Buffer.from(content),
    }
  })
  const page = '/Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]'
  return assemblePdf([
    '<</Type/Catalog/Pages 2 0 R>>',
    `<</Type/Pages/Count 2/Kids[${depth + 6} 0 R 3 0 R]>>`,
    `<<${page}/Contents 4 0 R/Resources<</XObject<</X 6 0 R>>>>>>`,
    { entries: '', stream: Buffer.from('/X Do') },
    helvetica,
    ...forms,
    `<<${page}>>`,
  ])
}
