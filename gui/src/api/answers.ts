import type { Resource } from '@/model/health'
import type { Json } from '@/model/json'
import type { RunStatus } from '@/model/run/events'
import type { Schedule } from '@/model/run/schedule'
import type { Wait } from '@/model/run/waits'

/** What the coordinator answers; `docs/http-api.md` says what each field means. */
export interface Health {
  readonly status: 'ok' | 'unavailable'
  readonly version: string
  /** With `embedded`, each run begun here has a broker, workers and a model of its own. */
  readonly mode: 'cluster' | 'embedded'
  readonly broker: string | null
  readonly message: string
  readonly folder: string
}

export interface Worker {
  readonly name: string
  readonly host: string
  readonly pid: number | null
  readonly regions: readonly string[]
  readonly roles: readonly string[]
  /** Seconds since its last heartbeat, when this was asked. */
  readonly age: number
  readonly reading: number | null
  readonly run: string | null
  readonly resources: readonly Resource[]
  readonly pools?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
}

export interface RunRow {
  readonly run: string
  readonly live: boolean
  readonly status: RunStatus | null
  readonly started: number | null
  readonly seconds: number | null
  readonly layers_done: number | null
  readonly layers: number | null
  readonly archived: boolean
  readonly parent: string | null
}

export interface RunAnswer {
  readonly run: string
  readonly status: RunStatus | null
  readonly parent: string | null
  readonly live: boolean
  readonly archived: boolean
  readonly stepping: boolean
  readonly stopped_before: number | null
  readonly waits: readonly Wait[]
}

export interface RunPlan {
  readonly plan: Json
  readonly places: Schedule
  readonly first: number
}

export interface Mail {
  readonly source: string
  readonly content: string
  readonly id: string
}

export interface RegionState {
  readonly knowledge: readonly Mail[]
  readonly requests: readonly Mail[]
  readonly unread: readonly Mail[]
  readonly connections: Readonly<Record<string, string>>
}

export interface DeadLetter {
  readonly id: string
  readonly at: number
  readonly reason: string
  readonly source: string
  readonly destination: string
  readonly role: string
  readonly content: string
  /** Whom it was sent to once more, or "". */
  readonly redelivered: string
}

export interface Traced {
  readonly seq: number
  readonly content: string
}
