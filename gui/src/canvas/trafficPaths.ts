import { nodeSize } from '@/canvas/nodes'
import { connectionId, regionList, type PlanDocument, type Point } from '@/model/document'

export interface Path {
  readonly points: readonly Point[]
  /** Whether the flow draws a line there. */
  readonly drawn: boolean
  /** Who is at the end of it that has no node. */
  readonly outsider?: Outsider
}

export interface Outsider {
  readonly name: string
  readonly at: Point
  /** On which side of its region. */
  readonly side: 'left' | 'right'
}

const samples = 24
const outside = 90
const apart = 24

/** Ways that messages take on the canvas: along the connection drawn, whichever way it points. */
export class TrafficPaths {
  private readonly ids: ReadonlyMap<string, string>
  private readonly places: ReadonlyMap<string, Point>
  private readonly found = new Map<string, Path>()
  /** How many that have no node each region has met. */
  private readonly met = new Map<string, number>()
  private readonly flow: HTMLElement | null

  constructor(flow: HTMLElement | null, document: PlanDocument) {
    this.flow = flow
    const outsiders = Object.values(document.outsiders)
    this.ids = new Map([...outsiders, ...regionList(document)].map(({ name, id }) => [name, id]))
    this.places = new Map(regionList(document).map(({ name, position }) => [name, position]))
  }

  /** From the one's node to the other's; null where neither is drawn. */
  between(source: string, destination: string): Path | null {
    const key = JSON.stringify([source, destination])
    const known = this.found.get(key)
    if (known) return known
    const back = this.found.get(JSON.stringify([destination, source])) ?? null
    const [from, to] = [this.ids.get(source) ?? '', this.ids.get(destination) ?? '']
    const path =
      this.drawn(connectionId(from, to)) ??
      reversed(this.drawn(connectionId(to, from))) ??
      reversed(back) ??
      this.straight(source, destination)
    if (path) this.found.set(key, path)
    return path
  }

  private drawn(connection: string): Path | null {
    const edge = this.flow?.querySelector<SVGPathElement>(
      `.react-flow__edge[data-id="${CSS.escape(connection)}"] path.react-flow__edge-path`,
    )
    if (!edge) return null
    const length = edge.getTotalLength()
    const points = Array.from({ length: samples + 1 }, (_, at) => {
      const { x, y } = edge.getPointAtLength((length * at) / samples)
      return { x, y }
    })
    return { points, drawn: true }
  }

  private straight(source: string, destination: string): Path | null {
    const [from, to] = [this.places.get(source), this.places.get(destination)]
    if (from && to) return straight(middle(from), middle(to))
    // In from outside on the left, out to the print address on the right.
    if (to) {
      const y = this.height(destination, to)
      const at = { x: to.x - outside, y }
      return { ...straight(at, { x: to.x, y }), outsider: { name: source, at, side: 'left' } }
    }
    if (!from) return null
    const y = this.height(source, from)
    const start = { x: from.x + nodeSize.width, y }
    const at = { x: start.x + outside, y }
    return { ...straight(start, at), outsider: { name: destination, at, side: 'right' } }
  }

  /** Beside the region's middle, below those that it met before. */
  private height(region: string, place: Point): number {
    const met = this.met.get(region) ?? 0
    this.met.set(region, met + 1)
    return middle(place).y + apart * met
  }
}

const straight = (...points: Point[]): Path => ({ points, drawn: false })

const reversed = (path: Path | null): Path | null =>
  path && { ...path, points: path.points.toReversed() }

const middle = ({ x, y }: Point): Point => ({
  x: x + nodeSize.width / 2,
  y: y + nodeSize.height / 2,
})

/** The point at `part` of the way, from 0 to 1. */
export function pointOn({ points }: Path, part: number): Point {
  const at = Math.max(0, Math.min(1, part)) * (points.length - 1)
  const low = Math.min(Math.floor(at), points.length - 2)
  const [one, other] = [points[low], points[low + 1]]
  if (!one || !other) return { x: 0, y: 0 }
  const rest = at - low
  return { x: one.x + (other.x - one.x) * rest, y: one.y + (other.y - one.y) * rest }
}
