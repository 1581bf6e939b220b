import { useDraggable, useDroppable } from '@dnd-kit/core'
import type { Dragged, Target } from '@/plan/drops'

/** For a thing that is dragged among its like: what makes it so, and the place where it stands. */
export function useCarry(id: string, dragged: Dragged, target: Target, readOnly: boolean) {
  const drag = useDraggable({ id, data: dragged, disabled: readOnly })
  const drop = useDroppable({ id: `at ${id}`, data: target, disabled: readOnly })
  return {
    dragThis: drag.setNodeRef,
    attributes: drag.attributes,
    listeners: drag.listeners,
    dropHere: drop.setNodeRef,
    isOver: drop.isOver,
  }
}
