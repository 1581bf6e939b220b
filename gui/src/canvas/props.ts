import type { ReactNode } from 'react'
import type { RegionMark } from '@/canvas/marks'
import type { Id, PlanDocument, Point } from '@/model/document'
import type { Finding } from '@/model/finding'
import type { ResourceHealth } from '@/model/health'
import type { Direction } from '@/model/neighbour'

/** What of a canvas is selected: region ids, and connection ids as `connectionId` makes them. */
export interface CanvasSelection {
  readonly regions: readonly Id[]
  readonly connections: readonly Id[]
}

/** What a canvas tells of edits. */
export interface CanvasEdits {
  move(places: Readonly<Record<Id, Point>>): void
  nudge(regions: readonly Id[], direction: Direction): void
  canConnect(from: Id, to: Id): boolean
  connect(from: Id, to: Id): void
  /** A region type was dropped from the palette. */
  drop(type: string, at: Point): void
  /** The machine over whose card regions are dragged; null for none. */
  hover(worker: string | null): void
  /** Regions were dropped on the card of a machine: an element with `data-machine`. */
  place(regions: readonly Id[], worker: string): void
  /** A node was opened: Enter, or a double click. */
  open(region: Id): void
}

/** A region to bring into sight. */
export interface Sought {
  readonly region: Id
  /** A higher number asks again. */
  readonly times: number
}

export interface PlanCanvasProps {
  readonly document: PlanDocument
  readonly selection: CanvasSelection
  readonly onSelect: (selection: CanvasSelection) => void
  /** Without these the plan can be looked at and selected from, no more. */
  readonly edits?: CanvasEdits
  /** Whether the view goes along when a region is dragged to its edge; it does if left out. */
  readonly pans?: boolean
  readonly marks?: Readonly<Record<Id, RegionMark>>
  readonly problems?: Readonly<Record<Id, Finding['severity']>>
  /** How the model or store of a region is, where that is known. */
  readonly health?: Readonly<Record<Id, ResourceHealth>>
  /** Drawn inside the flow, above its edges: it may use the flow's viewport. */
  readonly overlay?: ReactNode
  /** Shown while there are no regions. */
  readonly empty?: ReactNode
  readonly sought?: Sought | null
  /** A higher number fits all of the plan into sight again. */
  readonly fits?: number
}
