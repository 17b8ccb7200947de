import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { BinarySpec } from './temporal-binary.js'
import { findFile, findOnPath, runCommand } from './programs.js'

const descriptionSchema = z.object({ archiveUrl: z.url() })

/** A host that a firewall swallows must not hold up the start. */
const defaultAnswerTimeoutMs = 5_000
const silenceTimeoutMs = 30_000
const unpackTimeoutMs = 120_000
const maxArchiveBytes = 500 * 1024 * 1024
const bytesPerProgressLine = 10 * 1024 * 1024

/**
 * Fetches the program from its publisher's download service into `folder`, asking as the Temporal
 * SDK does (sdk-core, ephemeral_server: a description that names the archive, then the archive).
 * Returns the path of the unpacked program; throws an Error whose message is one line.
 */
export async function fetchArchive(
  spec: BinarySpec,
  folder: string,
  options: { path: string; onProgress: (line: string) => void; answerTimeoutMs?: number },
): Promise<string> {
  const { path, onProgress, answerTimeoutMs = defaultAnswerTimeoutMs } = options
  onProgress(`Looking for the ${spec.title} ${spec.version} at ${new URL(spec.archiveUrl).host}`)
  try {
    const tar = await findOnPath('tar', path)
    if (tar === undefined) throw new Error('no tar to unpack it with')
    const archive = join(folder, 'archive.tar.gz')
    const url = await findArchiveUrl(spec, answerTimeoutMs)
    await download(url, archive, spec.title, onProgress)
    const unpacked = join(folder, 'unpacked')
    await mkdir(unpacked)
    const { ok, reason } = await runCommand(tar, ['-xzf', archive, '-C', unpacked], unpackTimeoutMs)
    if (!ok) throw new Error(reason)
    return await findFile(unpacked, spec.file)
  } catch (error) {
    throw new Error(`The ${spec.title} could not be downloaded: ${explain(error)}.`)
  }
}

async function findArchiveUrl(spec: BinarySpec, answerTimeoutMs: number): Promise<URL> {
  const query = new URL(spec.archiveUrl)
  query.searchParams.set('arch', process.arch === 'x64' ? 'amd64' : process.arch)
  query.searchParams.set('platform', process.platform)
  query.searchParams.set('format', 'tar.gz')
  const response = await fetch(query, { signal: AbortSignal.timeout(answerTimeoutMs) })
  if (!response.ok) throw new Error(`the answer was ${response.status}`)
  const { archiveUrl } = descriptionSchema.parse(await response.json())
  const archive = new URL(archiveUrl)
  if (archive.protocol !== query.protocol) throw new Error('the archive is not behind https')
  return archive
}

async function download(
  url: URL,
  file: string,
  title: string,
  onProgress: (line: string) => void,
): Promise<void> {
  const silence = new AbortController()
  const giveUp = setTimeout(() => {
    silence.abort(new Error(`nothing came for ${silenceTimeoutMs / 1000} s`))
  }, silenceTimeoutMs)
  try {
    const response = await fetch(url, { signal: silence.signal })
    if (!response.ok || response.body === null) throw new Error(`the answer was ${response.status}`)
    const total = Number(response.headers.get('content-length') ?? 0)
    let [received, told] = [0, 0]
    const count = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        giveUp.refresh()
        received += chunk.length
        if (received > maxArchiveBytes) throw new Error('the archive is far too large')
        if (received - told >= bytesPerProgressLine) {
          told = received
          onProgress(`Downloading the ${title}: ${megabytes(received)}${ofTotal(total)}`)
        }
        yield chunk
      }
    }
    await pipeline(Readable.fromWeb(response.body), count, createWriteStream(file))
  } finally {
    clearTimeout(giveUp)
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`
}

function ofTotal(total: number): string {
  return total > 0 ? ` of ${megabytes(total)}` : ''
}

/** fetch says only "fetch failed" and hides the reason in `cause`. */
function explain(error: unknown): string {
  if (error instanceof z.ZodError) return 'the answer could not be understood'
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'no answer in time'
  return error.cause instanceof Error ? error.cause.message : error.message
}
