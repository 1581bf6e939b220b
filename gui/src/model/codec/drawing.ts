import type { Id, Point } from '@/model/document'

/** How a plan is drawn: what a file says beside the plan itself. */
export interface Drawing {
  /** For each region, in the file's order, its id and place, where the file gives them. */
  readonly nodes: readonly DrawnNode[]
  /** For each layer, the colours of its chains, by name. */
  readonly colors: readonly ReadonlyMap<string, number>[]
}

export interface DrawnNode {
  readonly id?: Id
  readonly position?: Point
}

/** How many colours chains may have. */
export const chainColorCount = 8

const columnWidth = 280
const rowHeight = 130

/** A place for each region by the turn in which it first runs: a column a turn. */
export function placesByTurn(
  regions: readonly string[],
  turns: readonly (readonly string[])[],
): Point[] {
  const filled = new Map<number, number>()
  return regions.map((region) => {
    const turn = turns.findIndex((running) => running.includes(region))
    const column = turn < 0 ? turns.length : turn
    const row = filled.get(column) ?? 0
    filled.set(column, row + 1)
    return { x: column * columnWidth, y: row * rowHeight }
  })
}
