import type { StepEvent } from '@/model/run/events'
import type { RegionView, StepState, StepView } from '@/model/run/view'

/** What of a run's view its steps change. */
interface Steps {
  readonly steps: Map<string, StepView>
  readonly regions: Map<string, RegionView>
  region(name: string): RegionView
}

const states: readonly StepState[] = ['queued', 'waiting', 'running', 'retrying', 'done', 'failed']

/** Let a step do what `event` tells. */
export function foldStep(view: Steps, event: StepEvent): void {
  const before = view.steps.get(event.step) ?? newStep(event)
  const next = after(before, event)
  view.steps.set(event.step, next)
  const region = view.region(event.region)
  // A step reads what has been delivered when it begins.
  const read = event.status === 'running' ? region.received : region.read
  const finished = next.state === 'done' && before.state !== 'done'
  view.regions.set(event.region, {
    ...region,
    step: event.step,
    read,
    stepsDone: region.stepsDone + (finished ? 1 : 0),
    seconds: region.seconds + (finished ? busySeconds(next, event.at) : 0),
  })
}

const newStep = (event: StepEvent): StepView => ({
  id: event.step,
  region: event.region,
  method: event.method,
  chainName: event.chainName,
  state: 'queued',
  worker: '',
  attempt: 1,
  code: '',
  message: '',
  warnings: [],
  phases: [],
  ended: null,
})

function after(step: StepView, event: StepEvent): StepView {
  if (event.status === 'warning') return { ...step, warnings: [...step.warnings, event.message] }
  const state = states.find((known) => known === event.status)
  if (!state) return step
  return {
    ...step,
    state,
    method: step.method || event.method,
    worker: event.worker || step.worker,
    attempt: attemptAfter(step, state),
    code: event.code,
    message: event.message,
    phases: [...step.phases, { state, at: event.at }],
    ended: state === 'done' || state === 'failed' ? event.at : null,
  }
}

function attemptAfter(step: StepView, state: StepState): number {
  if (state === 'queued') return 1
  return state === 'retrying' ? step.attempt + 1 : step.attempt
}

/** Seconds that a step was at work, without those in which nobody had it. */
export function busySeconds(step: StepView, now: number): number {
  const begun = step.phases.find((phase) => phase.state !== 'queued')?.at
  return begun === undefined ? 0 : Math.max(0, (step.ended ?? now) - begun)
}
