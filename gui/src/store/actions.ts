import { arrange } from '@/layout/arrange'
import { regionList, type Id, type PlanDocument, type Point } from '@/model/document'
import {
  addRegion,
  disconnect,
  fragment,
  moveRegions,
  paste,
  removeRegions,
} from '@/model/edits/regions'
import { removeChain, removeLayer } from '@/model/edits/layers'
import type { Place } from '@/model/locate'
import type { Direction } from '@/model/neighbour'
import { schedule } from '@/model/survey'
import { toPlan } from '@/model/codec/write'
import { currentDocument, edit } from '@/store/document'
import { currentSelection, fit, nothing, seek, select, showSide, useView } from '@/store/view'

/** What keys, buttons and the palette of commands do to the plan. */

const column = 280
const row = 130
const box = { width: 212, height: 92 }

/** A new region where there is room: right of the selected one, or below the last. */
export function addRegionOfType(type: string, at?: Point): void {
  const { document, id } = addRegion(currentDocument(), type, at ?? freeSpot(currentDocument()))
  edit(() => document)
  seek(id)
}

function freeSpot(document: PlanDocument): Point {
  const regions = regionList(document)
  const selected = document.regions[currentSelection().regions.at(-1) ?? '']
  const beside = selected ?? regions.at(-1)
  if (!beside) return { x: 0, y: 0 }
  const spot = { x: beside.position.x + column, y: beside.position.y }
  const covered = ({ x, y }: Point) =>
    regions.some(
      ({ position }) =>
        Math.abs(position.x - x) < box.width && Math.abs(position.y - y) < box.height,
    )
  while (covered(spot)) spot.y += row
  return spot
}

/** What is selected goes: regions, connections, a chain, or a layer. */
export function deleteSelection(): void {
  const { regions, connections, layer, chain } = currentSelection()
  edit((document) => {
    if (layer !== null && chain !== null) return removeChain(document, { layer, chain })
    if (layer !== null) return removeLayer(document, layer)
    const unlinked = connections.reduce((now, id) => {
      const [from = '', to = ''] = id.split('>')
      return disconnect(now, from, to)
    }, document)
    return regions.length > 0 ? removeRegions(unlinked, regions) : unlinked
  })
  select(nothing)
}

export function duplicateSelection(): void {
  const { regions } = currentSelection()
  if (regions.length === 0) return
  const now = currentDocument()
  const { document, ids } = paste(now, fragment(now, regions), { x: 40, y: 40 })
  edit(() => document)
  select({ regions: ids })
}

export function selectAll(): void {
  select({ regions: currentDocument().regionOrder })
}

const steps: Record<Direction, Point> = {
  left: { x: -10, y: 0 },
  right: { x: 10, y: 0 },
  up: { x: 0, y: -10 },
  down: { x: 0, y: 10 },
}

/** Regions a little that way; keys in a row are one step of the history. */
export function nudge(regions: readonly Id[], direction: Direction): void {
  const by = steps[direction]
  edit(
    (document) => {
      const places = regions.flatMap((id) => {
        const position = document.regions[id]?.position
        return position ? [[id, { x: position.x + by.x, y: position.y + by.y }] as const] : []
      })
      return moveRegions(document, Object.fromEntries(places))
    },
    `nudge ${regions.join(' ')}`,
  )
}

/** Lay all regions out anew, from left to right: one step of the history. */
export async function autoLayout(): Promise<void> {
  const document = currentDocument()
  const places = await arrange({ ...box, nodes: inRunningOrder(document), edges: links(document) })
  edit((now) => moveRegions(now, places))
  fit()
}

const links = (document: PlanDocument) =>
  regionList(document).flatMap(({ id, connections }) =>
    connections.filter(({ to }) => to in document.regions).map(({ to }) => [id, to] as const),
  )

/** The regions by their first step; those that never run come last. */
function inRunningOrder(document: PlanDocument): Id[] {
  const turns = new Map<string, number>()
  for (const { region, turn } of schedule(toPlan(document))) {
    if (!turns.has(region)) turns.set(region, turn)
  }
  const turn = (name: string) => turns.get(name) ?? Infinity
  const regions = regionList(document).map(({ id, name }) => ({ id, at: turn(name) }))
  return regions
    .sort((one, other) => (one.at === other.at ? 0 : one.at - other.at))
    .map(({ id }) => id)
}

/** Show the thing that a problem is about. */
export function goTo(place: Place): void {
  if (place.kind === 'region') seek(place.region)
  else if (place.kind === 'call') {
    if (place.region in currentDocument().regions) seek(place.region)
    else select({ layer: place.layer })
    reveal(`[data-call="${CSS.escape(place.call)}"]`)
  } else if (place.kind === 'layer') {
    select({ layer: place.layer })
    reveal(`[data-layer="${CSS.escape(place.layer)}"]`)
  } else if (place.kind === 'settings') showSide('plan')
  else useView.setState({ side: 'plan' })
}

function reveal(selector: string): void {
  document.querySelector(selector)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
}
