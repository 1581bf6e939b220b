import { positionOf } from '@/model/run/position'
import type { Schedule } from '@/model/run/schedule'
import type { RunView, StepState, StepView } from '@/model/run/view'

/** A run over time: a row for each turn of a layer, and one below it for each of its chains. */
export interface Timeline {
  readonly rows: readonly Row[]
  readonly start: number
  /** Where the last bar ends, those of what has not run among them. */
  readonly end: number
}

export interface Row {
  readonly kind: 'layer' | 'chain'
  readonly place: number
  readonly layer: number
  readonly name: string
  readonly bars: readonly Bar[]
}

export interface Bar {
  /** A step's id; "" for a layer's own bar. */
  readonly step: string
  readonly region: string
  readonly method: string
  readonly from: number
  readonly to: number
  /** What has not run stands where it might, if it takes as long as others did. */
  readonly state: StepState | 'ghost'
  readonly parts: readonly BarPart[]
}

export interface BarPart {
  readonly state: StepState
  readonly from: number
  readonly to: number
}

const guess = 0.5

/** Lays a run out over time; `now` is where bars that have not ended reach to. */
export function timelineOf(schedule: Schedule, view: RunView, now: number, first = 0): Timeline {
  const start = view.started ?? now
  const usual = usualSeconds(view)
  const rows: Row[] = []
  let end = view.ended ?? Math.max(now, view.at)
  schedule.forEach((place, index) => {
    if (index < first) return
    const begin = view.places.get(index)?.started ?? end
    const chains = place.chains.map((chain, number) => {
      const bars = chainBars(chain.steps, view, { begin, now, usual })
      const head = { kind: 'chain' as const, place: index, layer: place.layer }
      return { ...head, name: chain.name || `chain ${number + 1}`, bars }
    })
    const last = Math.max(begin, ...chains.flatMap(({ bars }) => bars.map((bar) => bar.to)))
    end = Math.max(end, last)
    rows.push(layerRow(index, place.layer, view, begin, last, now), ...chains)
  })
  return { rows, start, end: Math.max(end, start + 0.001) }
}

/** The median of what finished steps took, for those to come. */
function usualSeconds(view: RunView): number {
  const taken = [...view.steps.values()]
    .flatMap((step) => (step.ended === null ? [] : step.ended - (step.phases[0]?.at ?? step.ended)))
    .sort((one, other) => one - other)
  return Math.max(taken[taken.length >> 1] ?? guess, 0.001)
}

function layerRow(
  place: number,
  layer: number,
  view: RunView,
  begin: number,
  last: number,
  now: number,
): Row {
  const known = view.places.get(place)
  const to = known ? (known.ended ?? Math.max(now, known.started)) : last
  const state = known ? (known.ended === null ? 'running' : 'done') : 'ghost'
  const bar = { step: '', region: '', method: '', from: begin, to, state, parts: [] } as const
  return { kind: 'layer', place, layer, name: `Layer ${layer + 1}`, bars: [bar] }
}

interface Ground {
  readonly begin: number
  readonly now: number
  readonly usual: number
}

type Scheduled = Schedule[number]['chains'][number]['steps']

function chainBars(steps: Scheduled, view: RunView, { begin, now, usual }: Ground): Bar[] {
  let free = begin
  return steps.map(({ id, region, method }) => {
    const step = view.steps.get(id)
    const bar = step && step.phases.length > 0 ? realBar(step, now) : null
    const ghostFrom = Math.max(free, view.places.size > 0 ? now : free)
    const made = bar ?? {
      ...{ step: id, region, method, from: ghostFrom, to: ghostFrom + usual },
      state: 'ghost' as const,
      parts: [],
    }
    free = made.to
    return made
  })
}

function realBar(step: StepView, now: number): Bar {
  const to = Math.max(step.ended ?? now, step.phases.at(-1)?.at ?? now)
  const parts = step.phases.map((phase, index) => ({
    state: phase.state,
    from: phase.at,
    to: step.phases[index + 1]?.at ?? to,
  }))
  const { id, region, method, state } = step
  return { step: id, region, method, from: parts[0]?.from ?? to, to, state, parts }
}

/** A schedule for runs of which only events are known: what has happened, and no more. */
export function scheduleSeen(view: RunView): Schedule {
  const found = [...view.steps.values()].flatMap((step) => {
    const position = positionOf(step.id)
    return position ? [{ step, position }] : []
  })
  const places = Math.max(-1, ...found.map(({ position }) => position.place)) + 1
  return Array.from({ length: places }, (_, place) => {
    const here = found.filter(({ position }) => position.place === place)
    const chains = Math.max(0, ...here.map(({ position }) => position.chain))
    return {
      layer: view.places.get(place)?.layer ?? place,
      chains: Array.from({ length: chains }, (_unused, chain) => {
        const steps = here
          .filter(({ position }) => position.chain === chain + 1)
          .sort((one, other) => one.position.step - other.position.step)
          .map(({ step }) => step)
        return { name: steps[0]?.chainName || `chain ${chain + 1}`, steps }
      }),
    }
  })
}

/** Bars that are narrower than this part of the whole are shown as one with their neighbours. */
const narrow = 1 / 80

/** The timeline with steps too short to be told apart put together, so that it stays small. */
export function together(timeline: Timeline): Timeline {
  const least = (timeline.end - timeline.start) * narrow
  return {
    ...timeline,
    rows: timeline.rows.map((row) => ({ ...row, bars: joined(row.bars, least) })),
  }
}

function joined(bars: readonly Bar[], least: number): Bar[] {
  const kept: Bar[] = []
  for (const bar of bars) {
    const before = kept.at(-1)
    const fits = before?.state === bar.state && bar.to - before.from < least
    if (!before || !fits || bar.state === 'failed') kept.push(bar)
    else kept[kept.length - 1] = { ...before, to: bar.to, method: 'steps', parts: [] }
  }
  return kept
}
