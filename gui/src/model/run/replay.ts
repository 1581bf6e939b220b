import type { MessageEvent, RunEvent } from '@/model/run/events'
import { Growing } from '@/model/run/fold'
import type { RunView } from '@/model/run/view'

/** From a kept view to any instant are fewer events than this. */
const stride = 256

/** The numbers of events that did not come, the first and the last. */
export type Gap = readonly [first: number, last: number]

type Numbered = Exclude<RunEvent, { type: 'notice' }>

/**
 * A run's events so far, and the run at any instant of them. Live views, replay and the timeline's
 * cursor all ask this.
 */
export class Replay {
  readonly events: Numbered[] = []
  /** The routed messages in order; a view at an instant has seen the first `view.messages`. */
  readonly messages: MessageEvent[] = []
  /** Which events are missing before the newest. */
  readonly gaps: Gap[] = []
  private readonly kept: Growing[] = [new Growing()]
  private readonly newest = new Growing()

  constructor(events: Iterable<RunEvent> = []) {
    for (const event of events) this.add(event)
  }

  /** The `seq` of the newest event; 0 before the first. */
  get seq(): number {
    return this.events.at(-1)?.seq ?? 0
  }

  /** Take the next event. One that came before is left out; false for that. */
  add(event: RunEvent): boolean {
    if (event.type === 'notice' || event.seq <= this.seq) return false
    if (event.seq > this.seq + 1) this.gaps.push([this.seq + 1, event.seq - 1])
    this.events.push(event)
    if (event.type === 'message') this.messages.push(event)
    this.newest.add(event)
    if (this.events.length % stride === 0) this.kept.push(this.newest.copy())
    return true
  }

  /** The run after its first `count` events; all of them, without a count. */
  at(count: number = this.events.length): RunView {
    const wanted = Math.max(0, Math.min(count, this.events.length))
    if (wanted === this.events.length) return this.newest.copy()
    const from = Math.floor(wanted / stride)
    const view = this.kept[from]?.copy() ?? new Growing()
    for (const event of this.events.slice(from * stride, wanted)) view.add(event)
    return view
  }

  /** How many events had happened at `time`, in seconds since 1970. */
  countAt(time: number): number {
    let [low, high] = [0, this.events.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.events[middle]?.at ?? Infinity) <= time) low = middle + 1
      else high = middle
    }
    return low
  }

  /** When the first and the newest event happened; zeros before the first. */
  get span(): readonly [number, number] {
    return [this.events[0]?.at ?? 0, this.events.at(-1)?.at ?? 0]
  }
}
