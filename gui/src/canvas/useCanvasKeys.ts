import type { KeyboardEvent, RefObject } from 'react'
import type { PlanCanvasProps } from '@/canvas/props'
import { regionList, type Id } from '@/model/document'
import { neighbour, type Direction } from '@/model/neighbour'

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** The region whose node `target` is, or is in. */
export function regionAt(target: EventTarget | null): Id | undefined {
  const element = target instanceof Element ? target : null
  return element?.closest<HTMLElement>('[data-region]')?.dataset.region
}

/**
 * Keys on a region's node: arrows go to the next one there, with Shift they move it; Space selects,
 * Enter opens. One node at a time is a tab stop.
 */
export function useCanvasKeys(frame: RefObject<HTMLElement | null>, props: PlanCanvasProps) {
  return (event: KeyboardEvent) => {
    const region = regionAt(event.target)
    if (region === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    if (press(event, region, frame.current, props)) event.preventDefault()
  }
}

/** Whether the key means something here. */
function press(
  event: KeyboardEvent,
  region: Id,
  frame: HTMLElement | null,
  props: PlanCanvasProps,
): boolean {
  const direction = directions[event.key]
  if (direction && event.shiftKey) nudge(region, direction, props)
  else if (direction) go(region, direction, frame, props)
  else if (event.key === ' ') toggle(region, props)
  else if (event.key === 'Enter') open(region, props)
  else return false
  return true
}

function nudge(region: Id, direction: Direction, { selection, edits }: PlanCanvasProps): void {
  const moved = selection.regions.includes(region) ? selection.regions : [region]
  edits?.nudge(moved, direction)
}

function go(
  region: Id,
  direction: Direction,
  frame: HTMLElement | null,
  { document, onSelect }: PlanCanvasProps,
): void {
  const places = new Map(regionList(document).map((one) => [one.id, one.position]))
  const next = neighbour(places, region, direction)
  if (next === null) return
  focusRegion(frame, next)
  onSelect({ regions: [next], connections: [] })
}

function toggle(region: Id, { selection, onSelect }: PlanCanvasProps): void {
  const others = selection.regions.filter((id) => id !== region)
  const regions = others.length < selection.regions.length ? others : [...others, region]
  onSelect({ regions, connections: selection.connections })
}

function open(region: Id, { onSelect, edits }: PlanCanvasProps): void {
  onSelect({ regions: [region], connections: [] })
  edits?.open(region)
}

/** The flow moves its own view; a browser that scrolled to what it focuses would shift it. */
export function focusRegion(frame: ParentNode | null, region: Id): void {
  const node = frame?.querySelector<HTMLElement>(`[data-region="${CSS.escape(region)}"]`)
  node?.focus({ preventScroll: true })
}
