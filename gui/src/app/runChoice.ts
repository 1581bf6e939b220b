import type { RunOptions } from '@/api/runs'

/** How the plan is to be run, as it is chosen: layers from 0, both ends among them. */
export interface RunChoice {
  readonly from: number
  readonly to: number
  /** Seconds for the whole run; undefined for as long as it takes. */
  readonly seconds: number | undefined
  readonly step: boolean
}

/** What the coordinator is asked for, of a plan with so many layers. */
export function optionsOf({ from, to, seconds, step }: RunChoice, layers: number): RunOptions {
  const all = from === 0 && to === layers - 1
  const chosen = Array.from({ length: to - from + 1 }, (_, at) => from + at)
  return {
    ...(all ? {} : { layers: chosen }),
    ...(seconds === undefined ? {} : { timeout: seconds }),
    ...(step ? { step } : {}),
  }
}
