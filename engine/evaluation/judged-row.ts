/** One text that a model judged, beside the truth. The model must not have learned from that text. */
export interface JudgedRow {
  readonly truth: string
  readonly predicted: string
  /** How likely the model held its label to be right, 0 to 1. */
  readonly confidence: number
  /** The model would have asked a person to look. */
  readonly needsReview: boolean
  /** '' where unknown. */
  readonly language: string
}
