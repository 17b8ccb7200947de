import { decodeEmailClassifier, type EmailClassifier } from '../../engine/classifier.js'
import type { ModelPool } from '../../engine/pool/model-pool.js'
import type { ModelBytes } from '../../engine/pool/share-model.js'
import { type Task, tasks } from '../../engine/tasks.js'
import { createModelSlot, type ModelInUse, type ModelSlot } from './model-slot.js'
import { loadShippedModels, type ShippedModel } from './shipped-models.js'

/** What a process holds for each task: the e-mail's classifier at hand, the others' bytes for the pool. */
export interface TaskModels {
  /** The e-mail's classifier of this moment. */
  email(): EmailClassifier
  readonly slots: readonly ModelSlot<unknown>[]
  /** The model in use. */
  find(task: string): Pick<ModelInUse<unknown>, 'version' | 'bytes'> | undefined
}

type Pool = Pick<ModelPool, 'readCard'>

/** @param folder where the models that ship are. @throws Error that names one which can't be read */
export async function loadTaskModels(folder: string, pool: Pool): Promise<TaskModels> {
  const shipped = await loadShippedModels(folder)
  const of = (task: Task) => shipped.find(({ card }) => card.task === task)
  const mail = of('email')
  if (mail === undefined) throw new Error('No mail model ships.')
  const classifier = decodeEmailClassifier(mail.name, mail.bytes)
  const email = createModelSlot<EmailClassifier>({
    task: 'email',
    shipped: inUse(mail, classifier),
    decode: decodeEmailClassifier,
  })
  const others = tasks
    .filter((task) => task !== 'email')
    .map((task) => {
      const model = of(task)
      return createModelSlot<undefined>({
        task,
        shipped: model && inUse(model, undefined),
        decode: async (name, bytes) => {
          await checkTaskModel(task, { name, bytes }, pool)
          return undefined
        },
      })
    })
  const slots = [email, ...others]
  return {
    email: () => email.current()?.value ?? classifier,
    slots,
    find: (task) => slots.find((slot) => slot.task === task)?.current(),
  }
}

const inUse = <T>({ card, bytes }: ShippedModel, value: T) => ({
  version: card.version,
  bytes,
  value,
})

/**
 * Reads a model as the pool will use it, in a thread.
 *
 * @throws Error that names one which is damaged, of a later version, or for another task or embedding
 */
export async function checkTaskModel(task: string, model: ModelBytes, pool: Pool): Promise<void> {
  const card = await pool.readCard(model)
  if (card.task !== task) throw new Error(`${model.name}: made for ${card.task}`)
  if (task === 'email') decodeEmailClassifier(model.name, model.bytes)
}
