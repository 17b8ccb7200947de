import { setTimeout as delay } from 'node:timers/promises'
import { postJson } from '../mail/post.js'

const everyMs = 100
const text =
  'Assunto: Pedido 4821\n\nBom dia,\n\nQual o andamento do meu pedido 4821? Ele devia ter chegado na sexta-feira.\n\nObrigada,\nMarina Prado'

/**
 * Posts a mail ten times a second, whether the last one is answered or not, so that a slow answer delays
 * none of the next. @returns how long each answer took, in ms
 */
export async function postSteadily(
  url: string,
  isOver: (posted: number) => boolean,
): Promise<readonly number[]> {
  const answers: Promise<number>[] = []
  const startedAtMs = performance.now()
  while (!isOver(answers.length)) {
    answers.push(post(url))
    await delay(Math.max(0, startedAtMs + answers.length * everyMs - performance.now()))
  }
  return await Promise.all(answers)
}

async function post(url: string): Promise<number> {
  const sentAtMs = performance.now()
  await postJson(`${url}/classify-email`, { text })
  return performance.now() - sentAtMs
}
