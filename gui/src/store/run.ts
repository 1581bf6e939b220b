import { create } from 'zustand'
import { hear, type Close, type Link } from '@/api/events'
import type { RunAnswer } from '@/api/answers'
import * as api from '@/api/runs'
import { ApiProblem } from '@/api/http'
import { connectionId, nameOf, type Id, type PlanDocument } from '@/model/document'
import type { Json } from '@/model/json'
import type { MessageEvent, RunEvent, RunStatus } from '@/model/run/events'
import { gapsText } from '@/model/run/gaps'
import type { Recording } from '@/model/run/recording'
import { Replay } from '@/model/run/replay'
import type { Schedule } from '@/model/run/schedule'
import { everything, type TraceFilter } from '@/model/run/traceFilter'
import { scheduleSeen } from '@/model/run/timeline'
import type { RunView } from '@/model/run/view'
import { EventQueue } from '@/store/eventQueue'
import { documentOf } from '@/store/runDocument'

/** The run that is looked at: live from the coordinator, or out of a file. */
export interface RunStore {
  readonly run: string | null
  readonly source: 'live' | 'recording'
  readonly link: Link
  readonly notice: string
  readonly problem: ApiProblem | null
  readonly document: PlanDocument | null
  /** null until the plan is known. */
  readonly schedule: Schedule | null
  readonly first: number
  /** What the coordinator says of it besides its events. */
  readonly answer: RunAnswer | null
  /** How the run is now, whatever instant is looked at; null before its first event. */
  readonly status: RunStatus | null
  /** The run at the instant looked at. */
  readonly view: RunView
  /** Which events did not come, in words; "" for none. */
  readonly missing: string
  /** How many events there are. */
  readonly count: number
  /** The instant looked at, as a number of events; null for the newest. */
  readonly cursor: number | null
  /** How many times as fast as it happened it is replayed; 0 for not. */
  readonly speed: number
  readonly filter: TraceFilter
  /** Ids of the regions and connections that are selected. */
  readonly selection: Selected
  /** The message that is read, by its number in the trace's order from 0. */
  readonly message: number | null
}

export interface Selected {
  readonly regions: readonly Id[]
  readonly connections: readonly Id[]
}

/** Whether the run is the coordinator's, and is going on or can be resumed. */
export const goesOn = ({ source, run, status }: RunStore): boolean =>
  source === 'live' && run !== null && status !== 'succeeded' && status !== 'cancelled'

const nothing: Selected = { regions: [], connections: [] }

const nobody = {
  run: null,
  source: 'live',
  link: 'connecting',
  notice: '',
  problem: null,
  document: null,
  schedule: null,
  first: 0,
  answer: null,
  status: null,
  missing: '',
  count: 0,
  cursor: null,
  speed: 0,
  filter: everything,
  selection: nothing,
  message: null,
} as const

export const useRun = create<RunStore>(() => ({ ...nobody, view: new Replay().at() }))

const { setState: set, getState: state } = useRun

let replay = new Replay()
let close: Close = () => undefined
let queue = new EventQueue(() => undefined)

/** The messages routed up to the instant looked at are the first `view.messages` of these. */
export const allMessages = (): readonly MessageEvent[] => replay.messages

export const currentReplay = (): Replay => replay

/** Look at a run of the coordinator, from its first event on; one stream a tab. */
export function watch(run: string): void {
  start({ run, source: 'live' })
  listen(run)
  void readPlan(run)
  void refresh()
}

/** Look at a run out of a file. */
export function openRecording(recording: Recording): void {
  const { run, plan, schedule, first, events } = recording
  start({ run, source: 'recording', link: 'ended' })
  for (const event of events) replay.add(event)
  show(plan, schedule, first)
  const view = replay.at()
  set({ view, status: view.status, count: replay.events.length, missing: gapsText(replay.gaps) })
}

export function leave(): void {
  start({ run: null })
}

function start(part: Partial<RunStore>): void {
  close()
  queue.drop()
  replay = new Replay()
  queue = new EventQueue(take)
  set({ ...nobody, view: replay.at(), ...part })
}

function listen(run: string): void {
  const hearing = queue
  close = hear(run, {
    onEvent: (event) => hearing.put(event),
    onLink: (link) => {
      hearing.flush()
      set({ link })
      if (link === 'open') set({ notice: '' })
      if (link !== 'connecting') void refresh()
    },
    onRefusal: (problem) => set({ problem, link: 'ended' }),
  })
}

/** Take what has come since the last frame, and show the run as it is then. */
function take(events: readonly RunEvent[]): void {
  for (const event of events) replay.add(event)
  const newest = replay.at()
  const shown = state().cursor === null ? { view: newest } : {}
  set({
    count: replay.events.length,
    status: newest.status,
    missing: gapsText(replay.gaps),
    notice: noticeOf(events),
    ...shown,
  })
  if (events.some(({ type }) => type === 'run')) void refresh()
}

function noticeOf(events: readonly RunEvent[]): string {
  const last = events.at(-1)
  return last?.type === 'notice' ? last.message : ''
}

async function readPlan(run: string): Promise<void> {
  try {
    const { plan, places, first } = await api.runPlan(run)
    if (state().run === run) show(plan, places, first)
  } catch (error) {
    if (state().run === run) report(error)
  }
}

function show(plan: Json, schedule: Schedule | null, first: number): void {
  const seen = schedule ?? scheduleSeen(replay.at())
  set({ document: documentOf(plan, state().run ?? ''), schedule: seen, first })
}

export function replaceDocument(document: PlanDocument): void {
  set({ document })
}

/** Ask once more what the run waits for. */
export async function refresh(): Promise<void> {
  const { run, source } = state()
  if (run === null || source !== 'live') return
  const answer = await api.run(run).catch(() => null)
  if (answer && state().run === run) set({ answer })
}

/** Tell of what went wrong; it stays until the next order. */
function report(problem: unknown): void {
  if (!(problem instanceof ApiProblem)) throw problem
  set({ problem })
}

/** Have the coordinator do something to the run, and tell of what it refuses; true if it did. */
export async function steer(what: api.Steering): Promise<boolean> {
  const { run } = state()
  if (run === null) return false
  set({ problem: null })
  try {
    await api.steer(run, what)
  } catch (error) {
    report(error)
    return false
  }
  // A run that had ended has further events.
  if (state().run === run && state().link === 'ended') listen(run)
  await refresh()
  return true
}

/** Look at the run after its first `count` events; null for as it goes on. */
export function seekTo(count: number | null): void {
  const cursor = count === null ? null : Math.max(0, Math.min(count, replay.events.length))
  set({ cursor, view: replay.at(cursor ?? undefined) })
}

/** Look at the run as it was at `time`, in seconds since 1970. */
export function seekTime(time: number): void {
  const [, end] = replay.span
  seekTo(time >= end ? null : replay.countAt(time))
}

export function setFilter(part: Partial<TraceFilter>): void {
  set({ filter: { ...state().filter, ...part } })
}

/** Select on the canvas; the trace then shows what concerns the selection. */
export function selectOnCanvas(selection: Selected): void {
  const { document } = state()
  const names = (ids: readonly Id[]) => ids.map((id) => (document ? nameOf(document, id) : id))
  const [from = null, to = null] = names(selection.connections[0]?.split('>') ?? [])
  const regions = names(selection.regions)
  const alone = regions.length === 0 ? { from, to } : { from: null, to: null }
  set({ selection, message: null, filter: { ...state().filter, regions, ...alone } })
}

/** Read a message, and show on the canvas whose it is; null puts it away. */
export function readMessage(message: number | null): void {
  set({ message, selection: selectionOf(message) })
}

function selectionOf(message: number | null): Selected {
  const { document } = state()
  const read = message === null ? undefined : replay.messages[message]
  if (!document || !read) return nothing
  const found = Object.values({ ...document.outsiders, ...document.regions })
  const idOf = (name: string) => found.find((one) => one.name === name)?.id ?? ''
  const [from, to] = [idOf(read.source), idOf(read.destination)]
  const regions = [from, to].filter((id) => id in document.regions)
  return { regions, connections: [connectionId(from, to), connectionId(to, from)] }
}
