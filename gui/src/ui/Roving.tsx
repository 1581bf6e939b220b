import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { neighbour, type Direction } from '@/model/neighbour'

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

interface RovingProps {
  readonly label: string
  readonly className?: string | undefined
  readonly role?: string
  /** While something else has the arrow keys. */
  readonly paused?: boolean
  readonly children: ReactNode
}

/**
 * One tab stop for all the `data-stop` elements in it; arrows go from one to the next, as they
 * stand on the screen. In `data-line` elements, left and right stay in the line, and up and down go
 * to what is nearest in the next one.
 */
export function Roving({
  label,
  className,
  role = 'group',
  paused = false,
  children,
}: RovingProps) {
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const root = frame.current
    if (!root) return
    keepOneStop(root)
    const observer = new MutationObserver(() => keepOneStop(root))
    observer.observe(root, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [])

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const direction = directions[event.key]
    const from = (event.target as HTMLElement).closest<HTMLElement>('[data-stop]')
    if (paused || !direction || !from || event.defaultPrevented) return
    if (/^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName)) return
    event.preventDefault()
    const next = from.closest('[data-line]')
      ? nextInLines(event.currentTarget, from, direction)
      : nextStop(stopsIn(event.currentTarget), from, direction)
    if (next) next.focus()
  }
  return (
    <div
      ref={frame}
      role={role}
      aria-label={label}
      className={className}
      onKeyDown={onKeyDown}
      onFocus={(event) => keepOneStop(event.currentTarget, event.target)}
    >
      {children}
    </div>
  )
}

const stopsIn = (root: HTMLElement) => [...root.querySelectorAll<HTMLElement>('[data-stop]')]

/** Makes `wanted`, or what was the stop before, or else the first, the only one that Tab reaches. */
function keepOneStop(root: HTMLElement, wanted?: Element): void {
  const stops = stopsIn(root)
  const asked = stops.find((one) => one === wanted)
  const chosen = asked ?? stops.find((one) => one.dataset.stop === 'here') ?? stops[0]
  for (const stop of stops) {
    stop.dataset.stop = stop === chosen ? 'here' : ''
    stop.tabIndex = stop === chosen ? 0 : -1
  }
}

function nextStop(
  stops: readonly HTMLElement[],
  from: HTMLElement,
  direction: Direction,
): HTMLElement | undefined {
  const places = new Map(
    stops.map((stop, at) => {
      const { left, top, height } = stop.getBoundingClientRect()
      return [String(at), { x: left, y: top + height / 2 }]
    }),
  )
  const next = neighbour(places, String(stops.indexOf(from)), direction)
  return next === null ? undefined : stops[Number(next)]
}

function nextInLines(
  root: HTMLElement,
  from: HTMLElement,
  direction: Direction,
): HTMLElement | undefined {
  const lines = [...root.querySelectorAll<HTMLElement>('[data-line]')]
    .map(stopsIn)
    .filter((stops) => stops.length > 0)
  const at = lines.findIndex((stops) => stops.includes(from))
  const line = lines[at] ?? []
  if (direction === 'left') return line[line.indexOf(from) - 1]
  if (direction === 'right') return line[line.indexOf(from) + 1]
  return nearest(lines[direction === 'up' ? at - 1 : at + 1] ?? [], from)
}

/** The stop that is above or below the middle of `from`, or not far aside. */
function nearest(stops: readonly HTMLElement[], from: HTMLElement): HTMLElement | undefined {
  const { left, width } = from.getBoundingClientRect()
  const middle = left + width / 2
  const aside = (stop: HTMLElement) => {
    const place = stop.getBoundingClientRect()
    return Math.max(0, place.left - middle, middle - place.right)
  }
  return [...stops].sort((one, other) => aside(one) - aside(other))[0]
}
