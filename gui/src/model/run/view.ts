import type { Outcome, RunStatus } from '@/model/run/events'

/** A run at one instant: live, or at any earlier one. */
export interface RunView {
  readonly status: RunStatus
  readonly code: string
  /** Why it failed or stopped. */
  readonly message: string
  readonly where: string
  readonly stoppedBefore: number | null
  /** The instant: how many events came before it, and when the last of them did. */
  readonly count: number
  readonly at: number
  readonly started: number | null
  readonly ended: number | null
  readonly places: ReadonlyMap<number, PlaceView>
  readonly steps: ReadonlyMap<string, StepView>
  readonly regions: ReadonlyMap<string, RegionView>
  /** How many messages went from whom to whom, by `edgeKey`. */
  readonly edges: ReadonlyMap<string, number>
  readonly fates: Readonly<Record<Outcome, number>>
  /** How many messages were routed, and answers given. */
  readonly messages: number
  readonly answers: number
}

export interface PlaceView {
  readonly place: number
  readonly layer: number
  readonly started: number
  readonly ended: number | null
}

export type StepState = 'queued' | 'waiting' | 'running' | 'retrying' | 'done' | 'failed'

export interface StepView {
  readonly id: string
  readonly region: string
  readonly method: string
  readonly chainName: string
  readonly state: StepState
  readonly worker: string
  /** The number of the try, from 1. */
  readonly attempt: number
  readonly code: string
  readonly message: string
  readonly warnings: readonly string[]
  /** What it did since when; each lasts until the next one, the last until now or `ended`. */
  readonly phases: readonly Phase[]
  readonly ended: number | null
}

export interface Phase {
  readonly state: StepState
  readonly at: number
}

export interface RegionView {
  /** Its newest step. */
  readonly step: string
  readonly sent: number
  readonly received: number
  /** How much of what it received its steps have read. */
  readonly read: number
  readonly stepsDone: number
  /** Seconds that its finished steps took. */
  readonly seconds: number
}

export const edgeKey = (source: string, destination: string): string =>
  JSON.stringify([source, destination])
