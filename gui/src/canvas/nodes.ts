import { Position, type Node, type NodeHandle } from '@xyflow/react'
import type { Catalog, RegionKind } from '@/model/catalog'
import { layerList, regionList, type Id, type PlanDocument } from '@/model/document'
import type { Finding } from '@/model/finding'
import type { ResourceHealth } from '@/model/health'
import { printAddress } from '@/model/plan'
import type { RegionMark } from '@/canvas/marks'

/** A turn-giving layer that a region stands in: its number, and its chain's colour. */
export interface Badge {
  readonly layer: number
  readonly chain: string
  readonly color: number
}

export interface RegionData extends Record<string, unknown> {
  readonly name: string
  readonly type: string
  readonly kind: RegionKind
  readonly connects: boolean
  readonly task: string
  readonly badges: string
  readonly placed: string
  readonly problem: Finding['severity'] | null
  readonly mark: RegionMark | null
  readonly health: ResourceHealth | null
  readonly tabStop: boolean
  readonly readOnly: boolean
}

export interface OutsiderData extends Record<string, unknown> {
  readonly name: string
  readonly prints: boolean
}

export type RegionNodeType = Node<RegionData, 'region'>
export type OutsiderNodeType = Node<OutsiderData, 'outsider'>
export type PlanNode = RegionNodeType | OutsiderNodeType

export const nodeSize = { width: 212, height: 92 }
export const outsiderSize = { width: 148, height: 40 }
const handleSize = 24
/** Handles reach into the node, and stand out by the half of the dot that is seen of them. */
const dotRadius = 5

/** Where handles are, told rather than measured: 200 nodes then need no second pass. */
function handles(size: { width: number; height: number }): NodeHandle[] {
  const y = (size.height - handleSize) / 2
  const square = { y, width: handleSize, height: handleSize }
  return [
    { type: 'target', position: Position.Left, x: -dotRadius, ...square },
    { type: 'source', position: Position.Right, x: size.width - handleSize + dotRadius, ...square },
  ]
}

const regionHandles = handles(nodeSize)
const outsiderHandles = handles(outsiderSize)

/** What the nodes show besides the document. */
export interface Drawn {
  readonly catalog: Catalog
  readonly problems: Readonly<Record<Id, Finding['severity']>>
  readonly marks: Readonly<Record<Id, RegionMark>>
  readonly health: Readonly<Record<Id, ResourceHealth>>
  readonly selected: ReadonlySet<Id>
  readonly tabStop: Id | null
  readonly readOnly: boolean
}

/**
 * Makes the nodes of a document. A node that has not changed is the same object as last time, so
 * that an edit of one region draws one node again, and not two hundred.
 */
export class NodeMaker {
  private last = new Map<Id, PlanNode>()

  make(document: PlanDocument, drawn: Drawn): PlanNode[] {
    const badges = badgesOf(document)
    const regions = regionList(document).map((region): RegionNodeType => {
      const type = drawn.catalog[region.type]
      const data: RegionData = {
        name: region.name,
        type: region.type,
        kind: type?.kind ?? 'own',
        connects: type?.connects ?? true,
        task: region.task,
        badges: badges.get(region.id) ?? '',
        placed: placeName(document, region.id),
        problem: drawn.problems[region.id] ?? null,
        mark: drawn.marks[region.id] ?? null,
        health: drawn.health[region.id] ?? null,
        tabStop: drawn.tabStop === region.id,
        readOnly: drawn.readOnly,
      }
      const selected = drawn.selected.has(region.id)
      const shape = { type: 'region' as const, ...nodeSize, handles: regionHandles }
      return { id: region.id, position: region.position, selected, data, ...shape }
    })
    const nodes = [...regions, ...outsiderNodes(document)].map((node) => this.kept(node))
    this.last = new Map(nodes.map((node) => [node.id, node]))
    return nodes
  }

  private kept(node: PlanNode): PlanNode {
    const before = this.last.get(node.id)
    return before && same(before, node) ? before : node
  }
}

const same = (one: PlanNode, other: PlanNode) =>
  one.selected === other.selected &&
  one.position.x === other.position.x &&
  one.position.y === other.position.y &&
  Object.entries(other.data).every(([key, value]) => one.data[key] === value)

/** For each region, its badges as text, which compares by value: "1:0:ask 3:2:answer". */
function badgesOf(document: PlanDocument): Map<Id, string> {
  const found = new Map<Id, Badge[]>()
  layerList(document).forEach((layer, index) => {
    for (const chain of layer.chains) {
      for (const region of new Set(chain.regions)) {
        const badge = { layer: index, chain: chain.name, color: chain.color }
        found.set(region, [...(found.get(region) ?? []), badge])
      }
    }
  })
  return new Map([...found].map(([region, badges]) => [region, JSON.stringify(badges)]))
}

/** Where a region is placed, in a few words. */
function placeName(document: PlanDocument, region: Id): string {
  const place = document.placement[region]
  if (!place) return ''
  const labels = Object.entries(place.labels ?? {}).map(([label, value]) => `${label}=${value}`)
  return [place.worker, place.pool, ...labels].filter(Boolean).join(', ')
}

const outsiderGap = 60

/** What is connected to and is no region stands to the right of all, near who writes to it. */
function outsiderNodes(document: PlanDocument): OutsiderNodeType[] {
  const regions = regionList(document)
  const right = Math.max(0, ...regions.map((region) => region.position.x))
  const address = printAddress(document.postmaster)
  let free = -Infinity
  return Object.values(document.outsiders)
    .map(({ id, name }) => ({ id, name, rows: rowsOf(document, id) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ id, name, rows }) => {
      const middle = rows.reduce((sum, y) => sum + y, 0) / rows.length
      const y = Math.max(free, middle + (nodeSize.height - outsiderSize.height) / 2)
      free = y + outsiderGap
      return {
        id,
        type: 'outsider',
        position: { x: right + nodeSize.width + 90, y },
        selectable: false,
        draggable: false,
        ...outsiderSize,
        handles: outsiderHandles,
        data: { name, prints: name === address },
      }
    })
}

const rowsOf = (document: PlanDocument, ref: Id) =>
  regionList(document)
    .filter((region) => region.connections.some(({ to }) => to === ref))
    .map((region) => region.position.y)
