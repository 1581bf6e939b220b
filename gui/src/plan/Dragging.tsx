import { useState, type ReactNode } from 'react'
import {
  closestCenter,
  DndContext,
  DragOverlay,
  KeyboardSensor,
  PointerSensor,
  pointerWithin,
  useSensor,
  useSensors,
  type CollisionDetection,
  type DragEndEvent,
  type KeyboardCoordinateGetter,
} from '@dnd-kit/core'
import { neighbour, type Direction } from '@/model/neighbour'
import { dropped, takes, type Dragged, type Target } from '@/plan/drops'
import { titleOf } from '@/plan/titleOf'
import { currentDocument, edit } from '@/store/document'
import styles from '@/plan/Dragging.module.css'

/** Within this, things of the lanes can be dragged onto each other, with the mouse or with keys. */
export function Dragging({ children }: { children: ReactNode }) {
  const [dragged, setDragged] = useState<Dragged | null>(null)
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 5 } }),
    useSensor(KeyboardSensor, {
      coordinateGetter: toNextTarget,
      keyboardCodes: { start: ['Space'], cancel: ['Escape'], end: ['Space', 'Enter'] },
    }),
  )
  const finish = ({ active, over }: DragEndEvent) => {
    setDragged(null)
    const what = active.data.current as Dragged | undefined
    const target = over?.data.current as Target | undefined
    if (what && target) edit((document) => dropped(document, what, target))
  }
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={overTarget}
      accessibility={{ screenReaderInstructions: { draggable: instructions } }}
      onDragStart={({ active }) => setDragged((active.data.current as Dragged | undefined) ?? null)}
      onDragEnd={finish}
      onDragCancel={() => setDragged(null)}
    >
      {children}
      <DragOverlay dropAnimation={null}>
        {dragged && <span className={styles.carried}>{titleOf(currentDocument(), dragged)}</span>}
      </DragOverlay>
    </DndContext>
  )
}

const instructions = 'Space picks it up; arrows carry it; Space drops it; Escape puts it back.'

/** What the pointer is in, or with keys what is nearest, among what takes the thing. */
const overTarget: CollisionDetection = (args) => {
  const dragged = args.active.data.current as Dragged
  const droppableContainers = args.droppableContainers.filter((one) =>
    takes(one.data.current as Target, dragged),
  )
  const found = { ...args, droppableContainers }
  return args.pointerCoordinates ? pointerWithin(found) : closestCenter(found)
}

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** An arrow carries the thing to the next target in that direction. */
const toNextTarget: KeyboardCoordinateGetter = (event, { context, currentCoordinates }) => {
  const { active, droppableContainers, droppableRects, collisionRect } = context
  const direction = directions[event.code]
  if (!direction || !active || !collisionRect) return undefined
  event.preventDefault()
  const { width, height } = collisionRect
  const here = { x: currentCoordinates.x + width / 2, y: currentCoordinates.y + height / 2 }
  const places = new Map([['', here]])
  for (const one of droppableContainers.getEnabled()) {
    const rect = droppableRects.get(one.id)
    if (!rect || !takes(one.data.current as Target, active.data.current as Dragged)) continue
    places.set(String(one.id), { x: rect.left + rect.width / 2, y: rect.top + rect.height / 2 })
  }
  const id = neighbour(places, '', direction)
  const next = id === null ? undefined : places.get(id)
  return next && { x: next.x - width / 2, y: next.y - height / 2 }
}
