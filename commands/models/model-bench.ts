import type { JudgedRow } from '../../activities/classification/evaluation/judged-row.js'
import type { LabelledSample, Sample } from '../../activities/classification/samples.js'
import type { Task } from '../../activities/classification/tasks.js'

/** How somebody waits for long work. */
export interface Watch {
  /** Ends the work; the promise then rejects. */
  readonly signal: AbortSignal
  /** @param share 0 to 1 */
  readonly onProgress: (message: string, share: number) => void
}

/** What these commands read of a model's card. */
export interface CardFacts {
  readonly version: string
  readonly labels: readonly string[]
  /** Which examples it learned from. */
  readonly examplesSha256: string
  /** Cross-validated; see `readCardClasses`. */
  readonly quality: unknown
}

export interface LearnedFacts<Card extends CardFacts = CardFacts> {
  readonly bytes: Buffer
  readonly card: Card
  /** Cross-validated, in the order of the samples. */
  readonly heldOut: readonly JudgedRow[]
}

export interface LearnTask {
  readonly task: Task
  readonly samples: readonly LabelledSample[]
}

export interface Judgement {
  readonly label: string
  readonly confidence: number
  readonly needsReview: boolean
}

export interface ModelBytes {
  /** Where it comes from, for a message. */
  readonly name: string
  readonly bytes: Buffer
}

/** The engine's long work, away from the main thread. */
export interface ModelBench<Card extends CardFacts = CardFacts> {
  crossValidate(
    input: LearnTask & { readonly folds: number },
    watch: Watch,
  ): Promise<readonly JudgedRow[]>
  learn(input: LearnTask, watch: Watch): Promise<LearnedFacts<Card>>
  /** In the order of the samples. @throws Error that names a model that can't be read */
  predict(
    model: ModelBytes,
    samples: readonly Sample[],
    watch: Watch,
  ): Promise<readonly Judgement[]>
  /** @throws Error that names a model that can't be read */
  readCard(model: ModelBytes): Promise<Card>
}

export interface StoredModelRef {
  /** null is the default that ships. */
  readonly id: number | null
  readonly bytes: Buffer
}

/** Where models are kept; which one is current is the database's word. */
export interface ModelStore<Card extends CardFacts = CardFacts> {
  add(model: {
    readonly task: Task
    readonly version: string
    readonly card: Card
    readonly bytes: Buffer
  }): Promise<{ readonly id: number }>
  promote(id: number): Promise<void>
  current(task: Task): Promise<StoredModelRef | undefined>
  find(id: number): Promise<{ readonly task: Task; readonly bytes: Buffer } | undefined>
}

/** What `triagem evaluate` and `triagem train` work with; parts are opened when they are first needed. */
export interface ModelDesk<Card extends CardFacts = CardFacts> {
  readonly bench: ModelBench<Card>
  /** Opens the database. */
  store(): Promise<ModelStore<Card>>
  /** The model that ships; undefined for a task that has none. */
  readDefault(task: Task): Promise<Buffer | undefined>
}
