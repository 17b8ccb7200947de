import {
  createEmailClassifier,
  type EmailClassifier,
  loadEmailClassifier,
} from '../classification/classifier.js'
import { decodeModel } from '../classification/model-file.js'
import type { Task } from '../classification/tasks.js'
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

/** @param folder where the models that ship are. @throws Error that names one which can't be read */
export async function loadTaskModels(folder: string): Promise<TaskModels> {
  const shipped = await loadShippedModels(folder)
  const classifier = await loadEmailClassifier(folder)
  const email = createModelSlot<EmailClassifier>({
    task: 'email',
    shipped: withValue(shipped, 'email', classifier),
    decode: decodeEmailModel,
  })
  const others = (['transactions', 'texts'] as const).map((task) =>
    createModelSlot<unknown>({
      task,
      shipped: withValue(shipped, task, undefined),
      decode: (name, bytes) => decodeTaskModel(task, name, bytes),
    }),
  )
  const slots = [email, ...others]
  return {
    email: () => email.current()?.value ?? classifier,
    slots,
    find: (task) => slots.find((slot) => slot.task === task)?.current(),
  }
}

function withValue<T>(shipped: readonly ShippedModel[], task: Task, value: T) {
  const model = shipped.find(({ card }) => card.task === task)
  return model && { version: model.card.version, bytes: model.bytes, value }
}

/** @throws Error that names a model which is damaged, of a later version or for another task */
export function decodeTaskModel(task: string, name: string, bytes: Buffer): unknown {
  return task === 'email' ? decodeEmailModel(name, bytes) : decodeModel(name, bytes)
}

function decodeEmailModel(name: string, bytes: Buffer): EmailClassifier {
  const model = decodeModel(name, bytes)
  return createEmailClassifier({ category: model, topic: model, language: model })
}
