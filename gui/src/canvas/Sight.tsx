import { useEffect } from 'react'
import { useReactFlow, useStoreApi } from '@xyflow/react'
import { focusRegion } from '@/canvas/useCanvasKeys'
import { nodeSize } from '@/canvas/nodes'
import type { Sought } from '@/canvas/props'
import type { Point } from '@/model/document'

/** Below this zoom a node cannot be read. */
const least = 0.7

const middleOf = ({ x, y }: Point): Point => ({
  x: x + nodeSize.width / 2,
  y: y + nodeSize.height / 2,
})

/** Whether all of a node at `place` is on the canvas, and can be read. */
function inSight(
  { x, y }: Point,
  [left, top, zoom]: readonly [number, number, number],
  size: { readonly width: number; readonly height: number },
): boolean {
  const [from, to] = [x * zoom + left, (x + nodeSize.width) * zoom + left]
  const [over, under] = [y * zoom + top, (y + nodeSize.height) * zoom + top]
  return zoom >= least && from >= 0 && over >= 0 && to <= size.width && under <= size.height
}

/** Brings a region that is sought into sight, and all of the plan when `fits` changes. */
export function Sight({ sought, fits }: { sought: Sought | null; fits: number }) {
  const { fitView, getNode, setCenter, getZoom } = useReactFlow()
  const store = useStoreApi()

  useEffect(() => {
    if (!sought) return
    // A region that was added just now is drawn in the next frame.
    const frame = requestAnimationFrame(() => {
      const node = getNode(sought.region)
      if (!node) return
      const { domNode, width, height, transform } = store.getState()
      if (!inSight(node.position, transform, { width, height })) {
        const { x, y } = middleOf(node.position)
        void setCenter(x, y, { zoom: Math.max(getZoom(), least), duration: 200 })
      }
      focusRegion(domNode, sought.region)
    })
    return () => cancelAnimationFrame(frame)
  }, [sought, getNode, getZoom, setCenter, store])

  useEffect(() => {
    if (fits > 0) void fitView({ padding: 0.15, maxZoom: 1, duration: 200 })
  }, [fits, fitView])
  return null
}
