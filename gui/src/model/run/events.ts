import { isObject, type JsonObject } from '@/model/json'

/** What a run tells of itself, in order; `docs/http-api.md` says what each field means. */
export type RunEvent =
  StatusEvent | LayerEvent | StepEvent | MessageEvent | NoticeEvent | OtherEvent

export const runStatuses = [
  'starting',
  'running',
  'paused',
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
] as const
export type RunStatus = (typeof runStatuses)[number]

export const outcomes = ['delivered', 'printed', 'dropped', 'returned', 'rerouted', 'dead'] as const
export type Outcome = (typeof outcomes)[number]

interface Head {
  /** Counts a run's events from 1, without a gap. */
  readonly seq: number
  /** Seconds since 1970. */
  readonly at: number
}

export interface StatusEvent extends Head {
  readonly type: 'run'
  readonly status: RunStatus
  readonly code: string
  readonly message: string
  readonly where: string
  readonly stoppedBefore: number | null
}

export interface LayerEvent extends Head {
  readonly type: 'layer'
  readonly place: number
  readonly layer: number
  readonly status: 'started' | 'done'
}

export interface StepEvent extends Head {
  readonly type: 'step'
  readonly step: string
  readonly region: string
  readonly method: string
  readonly status: string
  readonly worker: string
  readonly code: string
  readonly message: string
  readonly chainName: string
}

export interface MessageEvent extends Head {
  readonly type: 'message'
  readonly id: string
  readonly trace: number
  readonly parent: string | null
  readonly source: string
  readonly destination: string
  readonly role: string
  readonly outcome: Outcome
  readonly reason: string
  readonly copies: readonly string[]
  readonly content: string
  readonly truncated: boolean
}

/** About the run as a whole, and not one of its numbered events. */
export interface NoticeEvent extends Head {
  readonly type: 'notice'
  readonly message: string
}

/** One of the run's events that this editor does not know: it counts, and no more. */
export interface OtherEvent extends Head {
  readonly type: 'other'
}

/** The runs that go no further of themselves. */
const ends: ReadonlySet<RunStatus> = new Set(['succeeded', 'failed', 'cancelled', 'timed_out'])

export const isOver = (status: RunStatus): boolean => ends.has(status)

/** An event out of its JSON object; null for what is none. */
export function readEvent(json: unknown): RunEvent | null {
  if (!isObject(json)) return null
  const head = { seq: numberOf(json, 'seq') ?? 0, at: numberOf(json, 'at') ?? 0 }
  const read = readers[textOf(json, 'type')]
  return (read ? read(head, json) : null) ?? { ...head, type: 'other' }
}

const readers: Record<string, (head: Head, json: JsonObject) => RunEvent | null> = {
  run: readStatus,
  layer: readLayer,
  step: readStep,
  message: readMessage,
  notice: (head, json) => ({ ...head, type: 'notice', message: textOf(json, 'message') }),
}

function readStatus(head: Head, json: JsonObject): StatusEvent | null {
  const status = runStatuses.find((known) => known === json['status'])
  if (!status) return null
  return {
    ...head,
    type: 'run',
    status,
    code: textOf(json, 'code'),
    message: textOf(json, 'message'),
    where: textOf(json, 'where'),
    stoppedBefore: numberOf(json, 'stopped_before'),
  }
}

function readLayer(head: Head, json: JsonObject): LayerEvent | null {
  const place = numberOf(json, 'place')
  if (place === null) return null
  const status = json['status'] === 'done' ? 'done' : 'started'
  return { ...head, type: 'layer', place, layer: numberOf(json, 'layer') ?? place, status }
}

function readStep(head: Head, json: JsonObject): StepEvent {
  return {
    ...head,
    type: 'step',
    step: textOf(json, 'step'),
    region: textOf(json, 'region'),
    method: textOf(json, 'method'),
    status: textOf(json, 'status'),
    worker: textOf(json, 'worker'),
    code: textOf(json, 'code'),
    message: textOf(json, 'message'),
    chainName: textOf(json, 'chain_name'),
  }
}

/** Reads a message's event, and an object of the trace as well. */
export function readMessage(head: Head, json: JsonObject): MessageEvent {
  return {
    ...head,
    type: 'message',
    id: textOf(json, 'id'),
    trace: numberOf(json, 'trace') ?? head.seq,
    parent: textOf(json, 'parent') || null,
    source: textOf(json, 'source'),
    destination: textOf(json, 'destination'),
    role: textOf(json, 'role'),
    outcome: outcomes.find((known) => known === json['outcome']) ?? 'dead',
    reason: textOf(json, 'reason'),
    copies: textsOf(json['copies']),
    content: textOf(json, 'content'),
    truncated: json['truncated'] === true,
  }
}

const textOf = (json: JsonObject, key: string): string => {
  const value = json[key]
  return typeof value === 'string' ? value : ''
}

const numberOf = (json: JsonObject, key: string): number | null => {
  const value = json[key]
  return typeof value === 'number' ? value : null
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
