import type { DragEvent } from 'react'
import { useReactFlow } from '@xyflow/react'
import type { CanvasEdits } from '@/canvas/props'
import { nodeSize } from '@/canvas/nodes'
import { typeFormat } from '@/ui/dragFormats'

/** Lets a region type be dropped on the canvas. */
export function useDrop(edits: CanvasEdits | undefined) {
  const { screenToFlowPosition } = useReactFlow()
  return {
    onDragOver: (event: DragEvent) => {
      if (!edits || !event.dataTransfer.types.includes(typeFormat)) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'copy'
    },
    onDrop: (event: DragEvent) => {
      const type = event.dataTransfer.getData(typeFormat)
      if (!edits || type === '') return
      event.preventDefault()
      const { x, y } = screenToFlowPosition({ x: event.clientX, y: event.clientY })
      edits.drop(type, { x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 })
    },
  }
}
