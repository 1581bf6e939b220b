import type { Id, Point } from '@/model/document'

export type Direction = 'left' | 'right' | 'up' | 'down'

const units: Record<Direction, Point> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
}

/** Which of `places` one comes to from `from` in that direction: near, and not far off the line. */
export function neighbour(
  places: ReadonlyMap<Id, Point>,
  from: Id,
  direction: Direction,
): Id | null {
  const start = places.get(from)
  if (!start) return null
  const { x, y } = units[direction]
  let best: Id | null = null
  let least = Infinity
  for (const [id, place] of places) {
    const along = (place.x - start.x) * x + (place.y - start.y) * y
    const aside = Math.abs((place.x - start.x) * y) + Math.abs((place.y - start.y) * x)
    const cost = along + 2 * aside
    if (id === from || along <= 0 || cost >= least) continue
    best = id
    least = cost
  }
  return best
}
