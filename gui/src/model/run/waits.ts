import type { RunView } from '@/model/run/view'

/** Something that a run waits for. */
export interface Wait {
  readonly kind: 'step' | 'mail' | 'resume'
  readonly what: string
  readonly waits_for: string
  /** For how many seconds. */
  readonly since: number
  /** What a person can do: a command, or "". */
  readonly todo: string
  readonly step: string | null
  /** null where no worker has it. */
  readonly worker: string | null
}

/** What is waited for still: without steps that have ended since the coordinator was asked. */
export const stillWaiting = (waits: readonly Wait[], { steps }: RunView): readonly Wait[] =>
  waits.filter(({ step }) => step === null || (steps.get(step)?.ended ?? null) === null)
