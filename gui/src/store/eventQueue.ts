import type { RunEvent } from '@/model/run/events'

/** Hands events on once a frame, however many come; without frames, each quarter of a second. */
export class EventQueue {
  private waiting: RunEvent[] = []
  private frame = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly hand: (events: readonly RunEvent[]) => void

  constructor(hand: (events: readonly RunEvent[]) => void) {
    this.hand = hand
  }

  put(event: RunEvent): void {
    this.waiting.push(event)
    if (this.waiting.length > 1) return
    this.frame = requestAnimationFrame(() => this.flush())
    // A tab that nobody looks at has no frames.
    this.timer = setTimeout(() => this.flush(), 250)
  }

  flush(): void {
    const events = this.waiting
    this.drop()
    if (events.length > 0) this.hand(events)
  }

  drop(): void {
    cancelAnimationFrame(this.frame)
    clearTimeout(this.timer)
    this.waiting = []
  }
}
