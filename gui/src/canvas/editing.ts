import type { ReactFlow } from '@xyflow/react'
import type { ComponentProps, MouseEvent as ReactMouseEvent } from 'react'
import type { PlanNode } from '@/canvas/nodes'
import type { CanvasEdits } from '@/canvas/props'
import { regionAt } from '@/canvas/useCanvasKeys'

type Handlers = Partial<ComponentProps<typeof ReactFlow<PlanNode>>>

/** What the flow does where the plan may be looked at only. */
export const watching: Handlers = { nodesDraggable: false, nodesConnectable: false }

/** What the flow does where the plan may be edited. */
export const editing = (edits: CanvasEdits): Handlers => ({
  onNodeDrag: (event) => edits.hover(machineUnder(event)),
  onNodeDragStop: (event, _node, moved) => {
    const machine = machineUnder(event)
    edits.hover(null)
    if (machine === null) {
      edits.move(Object.fromEntries(moved.map(({ id, position }) => [id, position])))
    } else {
      const ids = moved.map(({ id }) => id)
      edits.place(ids, machine)
    }
  },
  onNodeDoubleClick: (_event, node) => edits.open(node.id),
  isValidConnection: ({ source, target }) => edits.canConnect(source, target),
  onConnect: ({ source, target }) => edits.connect(source, target),
  // Let go on a node's body rather than on its handle: as good.
  onConnectEnd: (event, { fromNode, fromHandle, toHandle }) => {
    const target = regionAt(event.target)
    if (!fromNode || !target || toHandle || fromHandle.type !== 'source') return
    if (edits.canConnect(fromNode.id, target)) edits.connect(fromNode.id, target)
  },
})

/** The machine on whose card the pointer is; what is dragged lies between the two. */
function machineUnder(event: MouseEvent | TouchEvent | ReactMouseEvent): string | null {
  const at = 'changedTouches' in event ? event.changedTouches[0] : event
  if (!at) return null
  const cards = [...document.querySelectorAll<HTMLElement>('[data-machine]')]
  return cards.find((card) => holds(card.getBoundingClientRect(), at))?.dataset.machine ?? null
}

const holds = (box: DOMRect, at: { readonly clientX: number; readonly clientY: number }) =>
  box.left <= at.clientX &&
  at.clientX <= box.right &&
  box.top <= at.clientY &&
  at.clientY <= box.bottom
