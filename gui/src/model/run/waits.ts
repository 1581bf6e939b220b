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
