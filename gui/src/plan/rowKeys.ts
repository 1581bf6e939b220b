import type { KeyboardEvent } from 'react'

interface RowKeys {
  readonly readOnly: boolean
  readonly remove: () => void
  readonly move?: (step: number) => void
  /** How its like stand: beside one another, or below. */
  readonly axis?: 'row' | 'column'
  readonly open?: () => void
  /** What the other keys do: dragging. */
  readonly otherwise?: unknown
}

const steps: Readonly<Record<'row' | 'column', Readonly<Record<string, number>>>> = {
  row: { ArrowLeft: -1, ArrowRight: 1 },
  column: { ArrowUp: -1, ArrowDown: 1 },
}

/** Keys on a thing that stands in a row: Delete removes it, Shift and arrows move it along. */
export function rowKeys({ readOnly, remove, move, axis = 'row', open, otherwise }: RowKeys) {
  return (event: KeyboardEvent) => {
    const step = steps[axis][event.key]
    if (event.key === 'Enter' && open) open()
    else if (readOnly) return
    else if (event.key === 'Delete' || event.key === 'Backspace') remove()
    else if (event.shiftKey && step && move) move(step)
    else {
      if (typeof otherwise === 'function') (otherwise as (event: KeyboardEvent) => void)(event)
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }
}
