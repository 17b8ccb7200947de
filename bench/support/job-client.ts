import { type RawData, WebSocket } from 'ws'
import { z } from 'zod'
import type { RunningProduct } from './product.js'

export interface JobOutcome {
  readonly id: string
  /** `lost`: no final frame within a minute, or the socket ended before it. */
  readonly end: 'completed' | 'failed' | 'lost'
  /** From the POST to the final frame. */
  readonly durationMs: number
}

const endTimeoutMs = 60_000
const accepted = z.object({ job_id: z.uuid() })
const frame = z.object({ status: z.string(), result: z.unknown() })

const texts = [
  'Assunto: Pedido 4821\n\nBom dia,\n\nQual o andamento do meu pedido 4821? Ele devia ter chegado na sexta-feira e preciso dele para quarta.\n\nObrigada,\nMarina Prado',
  'Assunto: Feliz Natal\n\nOlá a todos,\n\nDesejo um ótimo fim de ano para a equipe inteira e muita saúde para as famílias.\n\nAbraços,\nJorge',
  'Subject: Invoice 77\n\nHello,\n\nThe invoice of last month shows the wrong amount. Could you please correct it and send a new one?\n\nKind regards,\nAnn Clarke',
  'Assunto: Acesso ao sistema\n\nBoa tarde. Não consigo entrar no sistema desde ontem: a senha é recusada. Podem verificar?\n\nRui Tavares',
] as const

type Target = Pick<RunningProduct, 'url' | 'socketUrl'>

/** Sends one mail and waits on its socket for the end, as a page does. @param turn chooses the text */
export async function runJob(target: Target, turn: number): Promise<JobOutcome> {
  const startedAtMs = performance.now()
  const id = await postJob(target, turn)
  if (id === undefined) throw new Error('POST was answered 503.')
  const end = await followJob(target, id)
  return { id, end, durationMs: performance.now() - startedAtMs }
}

/** @returns the job's id; undefined where the product has too much to do */
export async function postJob({ url }: Target, turn: number): Promise<string | undefined> {
  const response = await fetch(`${url}/classify-email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: texts[turn % texts.length] }),
  })
  if (response.status === 503) {
    await response.arrayBuffer()
    return undefined
  }
  if (response.status !== 200)
    throw new Error(`POST was answered ${response.status}: ${await response.text()}`)
  return accepted.parse(await response.json()).job_id
}

/** Waits on its socket for the end of a job. */
export const followJob = ({ socketUrl }: Target, id: string): Promise<JobOutcome['end']> =>
  waitForEnd(`${socketUrl}/ws/job-status/${id}`)

/** Whether a job can be read as completed, with its result. */
export async function isCompleted({ url }: Target, id: string): Promise<boolean> {
  const response = await fetch(`${url}/job-status/${id}`)
  const state = frame.safeParse(await response.json())
  return state.success && state.data.status === 'completed' && state.data.result !== null
}

async function waitForEnd(url: string): Promise<JobOutcome['end']> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle('lost'), endTimeoutMs)
    const settle = (end: JobOutcome['end']) => {
      clearTimeout(timer)
      resolve(end)
      if (end === 'lost') socket.terminate()
    }
    socket.on('message', (data: RawData) => {
      const { status } = frame.parse(JSON.parse((data as Buffer).toString()))
      if (status === 'completed' || status === 'failed') settle(status)
    })
    socket.on('close', () => settle('lost'))
    socket.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
  })
}
