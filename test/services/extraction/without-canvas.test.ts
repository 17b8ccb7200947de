import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type * as Extraction from '../../../services/extraction/pdf-reader.js'
import { packageRoot } from '../../../config/package.js'
import { makePdf } from './make-pdf.js'

describe('a PDF reader where @napi-rs/canvas could not be installed', function () {
  this.timeout(60_000)
  let folder = ''

  before('an installation elsewhere without it', async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-no-canvas-'))
    const pdfjs = join('node_modules', 'pdfjs-dist')
    await mkdir(join(folder, pdfjs, 'legacy'), { recursive: true })
    for (const path of [join(pdfjs, 'package.json'), join(pdfjs, 'legacy', 'build')]) {
      await cp(join(packageRoot, path), join(folder, path), { recursive: true })
    }
    await symlink(
      join(packageRoot, 'node_modules', 'zod'),
      join(folder, 'node_modules', 'zod'),
      'junction',
    )
    const compiled = fileURLToPath(new URL('../../..', import.meta.url))
    for (const path of [join('services', 'extraction'), join('engine', 'clean-text.js')]) {
      await cp(join(compiled, path), join(folder, path), { recursive: true })
    }
    await cp(join(packageRoot, 'package.json'), join(folder, 'package.json'))
  })

  after(() => rm(folder, { recursive: true, force: true }))

  it('reads a PDF', async () => {
    const file = join(folder, 'services', 'extraction', 'pdf-reader.js')
    assert.throws(() => createRequire(file).resolve('@napi-rs/canvas'), {
      code: 'MODULE_NOT_FOUND',
    })
    const { startPdfReader } = (await import(pathToFileURL(file).href)) as typeof Extraction
    const reader = startPdfReader({ maxResidentMb: 512, maxHeapMb: 384 })
    const options = { maxPages: 1, timeoutMs: 60_000, maxCharacters: 100 }
    try {
      assert.equal((await reader.read(await makePdf(['Ação']), options)).text, 'Ação')
    } finally {
      await reader.end()
    }
  })
})
