/** Something to tell the author of a plan: a fault that stops it, or an oddity. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  /** Stable and short; the same as the coordinator's. */
  readonly code: string
  /** For people. */
  readonly message: string
  /** A place in the plan's file: `regions[0].name`. */
  readonly where: string
}
