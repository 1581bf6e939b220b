import { pointOn, TrafficPaths, type Outsider, type Path } from '@/canvas/trafficPaths'
import type { PlanDocument } from '@/model/document'
import type { MessageEvent } from '@/model/run/events'
import { edgeKey, type RunView } from '@/model/run/view'

interface Dot {
  readonly path: Path
  readonly kind: Kind
  readonly born: number
  count: number
}

type Kind = 'request' | 'reply' | 'lost'

type Transform = readonly [x: number, y: number, zoom: number]

const travel = 900
const together = 140
const colorsLast = 500
const trail = [0, 0.025, 0.05, 0.075]

/** Paints messages as dots that go along connections; those that go together are one, larger dot. */
export class TrafficPainter {
  private readonly canvas: HTMLCanvasElement
  private readonly paths: TrafficPaths
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)').matches
  private readonly newest = new Map<string, Dot>()
  private dots: Dot[] = []
  private counts: RunView['edges'] = new Map()
  private transform: Transform = [0, 0, 1]
  private size = { width: 0, height: 0 }
  private known: { readonly asked: number; readonly colors: Colors } | null = null
  private frame = 0

  constructor(canvas: HTMLCanvasElement, flow: HTMLElement | null, document: PlanDocument) {
    this.canvas = canvas
    this.paths = new TrafficPaths(flow, document)
  }

  /** Where the flow's viewport is, and its size: asked of the canvas, that would cost a layout. */
  look(transform: Transform, width: number, height: number): void {
    this.transform = transform
    this.size = { width, height }
    this.wake()
  }

  /** How many messages went along each connection so far. */
  count(view: RunView): void {
    this.counts = view.edges
    this.wake()
  }

  send(messages: readonly MessageEvent[]): void {
    if (this.still) return
    const now = performance.now()
    for (const { source, destination, role, outcome } of messages) {
      const lost = outcome === 'dead' || outcome === 'dropped'
      const kind = lost ? 'lost' : role === 'reply' ? 'reply' : 'request'
      const key = `${kind} ${edgeKey(source, destination)}`
      const ahead = this.newest.get(key)
      if (ahead && now - ahead.born < together) {
        ahead.count += 1
        continue
      }
      const path = this.paths.between(source, destination)
      if (!path) continue
      const dot = { path, kind, born: now, count: 1 } as const
      this.newest.set(key, dot)
      this.dots.push(dot)
    }
    this.wake()
  }

  stop(): void {
    cancelAnimationFrame(this.frame)
    this.dots = []
  }

  private wake(): void {
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame((now) => this.paint(now))
  }

  private paint(now: number): void {
    const pen = this.cleared()
    if (!pen) return
    const colors = this.colors(now)
    this.dots = this.dots.filter(({ born }) => now - born < travel)
    this.paintCounts(pen, colors)
    for (const dot of this.dots) paintDot(pen, dot, (now - dot.born) / travel, colors)
    if (this.dots.length > 0) this.wake()
  }

  /** The tokens of the theme; asked for now and then, as each time costs a pass over all styles. */
  private colors(now: number): Colors {
    if (!this.known || now - this.known.asked > colorsLast) {
      this.known = { asked: now, colors: colorsOf(this.canvas) }
    }
    return this.known.colors
  }

  /** An empty canvas of the size it is shown in, in the coordinates of the flow. */
  private cleared(): CanvasRenderingContext2D | null {
    const { width, height } = this.size
    const density = devicePixelRatio
    if (this.canvas.width !== Math.round(width * density)) {
      this.canvas.width = Math.round(width * density)
    }
    if (this.canvas.height !== Math.round(height * density)) {
      this.canvas.height = Math.round(height * density)
    }
    const pen = this.canvas.getContext('2d')
    if (!pen) return null
    const [x, y, zoom] = this.transform
    pen.setTransform(1, 0, 0, 1, 0, 0)
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height)
    pen.setTransform(density * zoom, 0, 0, density * zoom, density * x, density * y)
    return pen
  }

  private paintCounts(pen: CanvasRenderingContext2D, colors: Colors): void {
    pen.font = `600 11px ${colors.font}`
    pen.textAlign = 'center'
    pen.textBaseline = 'middle'
    const seen = new Set<string>()
    for (const [key, count] of this.counts) {
      const [source, destination] = JSON.parse(key) as [string, string]
      const back = this.counts.get(edgeKey(destination, source))
      // One label for both ways, in the way that was taken first.
      if (back !== undefined && seen.has(edgeKey(destination, source))) continue
      seen.add(key)
      const path = this.paths.between(source, destination)
      if (!path) continue
      if (!path.drawn) paintLine(pen, path, colors)
      if (path.outsider) paintName(pen, path.outsider, colors)
      const [one, other] = [pointOn(path, 0), pointOn(path, 1)]
      const [onward, backward] = one.x <= other.x ? ['→', '←'] : ['←', '→']
      const text = back === undefined ? String(count) : `${onward}${count} ${backward}${back}`
      paintCount(pen, text, pointOn(path, 0.5), colors)
    }
  }
}

/** A way that the flow does not draw: in from outside, out to it, or between strangers. */
function paintLine(pen: CanvasRenderingContext2D, path: Path, colors: Colors): void {
  const [from, to] = [pointOn(path, 0), pointOn(path, 1)]
  pen.beginPath()
  pen.setLineDash([4, 4])
  pen.moveTo(from.x, from.y)
  pen.lineTo(to.x, to.y)
  pen.strokeStyle = colors.line
  pen.lineWidth = 1.5
  pen.stroke()
  pen.setLineDash([])
}

function paintName(
  pen: CanvasRenderingContext2D,
  { name, at, side }: Outsider,
  colors: Colors,
): void {
  const left = side === 'left'
  pen.textAlign = left ? 'right' : 'left'
  pen.fillStyle = colors.ink
  pen.fillText(name, at.x + (left ? -6 : 6), at.y + 0.5)
  pen.textAlign = 'center'
}

function paintCount(
  pen: CanvasRenderingContext2D,
  text: string,
  { x, y }: { x: number; y: number },
  colors: Colors,
): void {
  const width = pen.measureText(text).width + 12
  pen.beginPath()
  pen.roundRect(x - width / 2, y - 9, width, 18, 9)
  pen.fillStyle = colors.panel
  pen.fill()
  pen.strokeStyle = colors.line
  pen.lineWidth = 1
  pen.stroke()
  pen.fillStyle = colors.ink
  pen.fillText(text, x, y + 0.5)
}

function paintDot(pen: CanvasRenderingContext2D, dot: Dot, part: number, colors: Colors): void {
  const eased = part * part * (3 - 2 * part)
  const radius = 4.5 + Math.min(6, 2 * Math.log2(dot.count))
  pen.fillStyle = colors[dot.kind]
  trail.forEach((behind, index) => {
    const { x, y } = pointOn(dot.path, eased - behind)
    pen.globalAlpha = 1 - index / trail.length
    pen.beginPath()
    pen.arc(x, y, radius * (1 - index / (trail.length + 2)), 0, 2 * Math.PI)
    pen.fill()
  })
  pen.globalAlpha = 1
  if (dot.count === 1) return
  const { x, y } = pointOn(dot.path, eased)
  pen.fillStyle = colors.panel
  pen.font = `700 9px ${colors.font}`
  pen.fillText(String(dot.count), x, y + 0.5)
}

interface Colors extends Record<Kind, string> {
  readonly panel: string
  readonly line: string
  readonly ink: string
  readonly font: string
}

/** The tokens in the theme of now. */
function colorsOf(element: HTMLElement): Colors {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    request: token('accent'),
    reply: token('done'),
    lost: token('failed'),
    panel: token('panel'),
    line: token('line-strong'),
    ink: token('ink'),
    font: token('font'),
  }
}
