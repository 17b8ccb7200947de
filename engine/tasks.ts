/**
 * What models can be learned for. `email`: mail, with heads for topic and language; `transactions`: description, amount
 * and date; `texts`: any short texts with a label.
 */
export const tasks = ['email', 'transactions', 'texts'] as const
export type Task = (typeof tasks)[number]
