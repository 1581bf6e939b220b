import type { LayerEvent, MessageEvent, Outcome, RunEvent, StatusEvent } from '@/model/run/events'
import { isOver } from '@/model/run/events'
import { foldStep } from '@/model/run/foldStep'
import {
  edgeKey,
  type PlaceView,
  type RegionView,
  type RunView,
  type StepView,
} from '@/model/run/view'

/** A run's view as it grows; what is in its maps is replaced, and never changed. */
export class Growing implements RunView {
  status: RunView['status'] = 'starting'
  code = ''
  message = ''
  where = ''
  stoppedBefore: number | null = null
  count = 0
  at = 0
  started: number | null = null
  ended: number | null = null
  places = new Map<number, PlaceView>()
  steps = new Map<string, StepView>()
  regions = new Map<string, RegionView>()
  edges = new Map<string, number>()
  fates: Record<Outcome, number> = {
    delivered: 0,
    printed: 0,
    dropped: 0,
    returned: 0,
    rerouted: 0,
    dead: 0,
  }
  messages = 0
  answers = 0

  /** A view that stays as this one is now. */
  copy(): Growing {
    const copy = Object.assign(new Growing(), this)
    copy.places = new Map(this.places)
    copy.steps = new Map(this.steps)
    copy.regions = new Map(this.regions)
    copy.edges = new Map(this.edges)
    copy.fates = { ...this.fates }
    return copy
  }

  /** Let one more event happen. */
  add(event: RunEvent): void {
    if (event.type === 'notice') return
    this.count += 1
    this.at = Math.max(this.at, event.at)
    this.started ??= event.at
    if (event.type === 'run') this.setStatus(event)
    else if (event.type === 'layer') this.setPlace(event)
    else if (event.type === 'step') foldStep(this, event)
    else if (event.type === 'message') this.route(event)
  }

  region(name: string): RegionView {
    return this.regions.get(name) ?? unseen
  }

  private setStatus(event: StatusEvent): void {
    this.status = event.status
    this.code = event.code
    this.message = event.message
    this.where = event.where
    this.stoppedBefore = event.stoppedBefore
    this.ended = isOver(event.status) ? event.at : null
  }

  private setPlace({ place, layer, status, at }: LayerEvent): void {
    const started = this.places.get(place)?.started ?? at
    const ended = status === 'done' ? at : null
    this.places.set(place, { place, layer, started, ended })
  }

  private route({ source, destination, outcome }: MessageEvent): void {
    this.messages += 1
    this.fates[outcome] += 1
    if (outcome === 'printed') this.answers += 1
    const key = edgeKey(source, destination)
    this.edges.set(key, (this.edges.get(key) ?? 0) + 1)
    const sender = this.region(source)
    this.regions.set(source, { ...sender, sent: sender.sent + 1 })
    if (outcome !== 'delivered') return
    const reader = this.region(destination)
    this.regions.set(destination, { ...reader, received: reader.received + 1 })
  }
}

const unseen: RegionView = { step: '', sent: 0, received: 0, read: 0, stepsDone: 0, seconds: 0 }
