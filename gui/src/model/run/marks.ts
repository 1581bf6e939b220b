import type { Wait } from '@/model/run/waits'
import { busySeconds } from '@/model/run/foldStep'
import type { RegionView, RunView, StepState, StepView } from '@/model/run/view'

/** What a run says of one of its regions, in few words. */
export interface Mark {
  readonly state: StepState | 'idle'
  readonly text: string
  /** Mail in and out, and what lies unread. */
  readonly figures: string
}

/** The marks of the regions that have had a step or a message, by their names. */
export function marksOf(
  view: RunView,
  now: number,
  waits: readonly Wait[],
  say: (seconds: number) => string,
): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>()
  for (const [name, region] of view.regions) {
    const step = view.steps.get(region.step)
    const wait = waits.find((one) => one.step === region.step)
    const figures = figuresOf(region)
    marks.set(name, { ...wordsOf(step, wait, { now, view, region, say }), figures })
  }
  return marks
}

interface Ground {
  readonly now: number
  readonly view: RunView
  readonly region: RegionView
  readonly say: (seconds: number) => string
}

function wordsOf(step: StepView | undefined, wait: Wait | undefined, ground: Ground) {
  if (!step) return { state: 'idle' as const, text: '' }
  const { now, region, say } = ground
  const time = say(busySeconds(step, now))
  const words: Record<StepState, string> = {
    queued: 'queued',
    running: time,
    waiting: `${time}, waits for ${step.message || 'a resource'}`,
    retrying: `try ${step.attempt}, ${time}`,
    done: say(region.seconds),
    failed: `failed: ${step.message}`,
  }
  // A step that waits for a model runs; only one that nobody can take waits.
  if (step.state === 'queued' && wait?.worker === null) {
    return { state: 'waiting' as const, text: 'waits for a worker' }
  }
  return {
    state: step.state === 'waiting' ? ('running' as const) : step.state,
    text: words[step.state],
  }
}

function figuresOf({ received, sent, read }: RegionView): string {
  const unread = received - read
  const parts = [`${received} in`, `${sent} out`]
  return [...parts, ...(unread > 0 ? [`${unread} new`] : [])].join(' · ')
}
