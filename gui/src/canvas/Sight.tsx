import { useEffect } from 'react'
import { useReactFlow, useStoreApi } from '@xyflow/react'
import { focusRegion } from '@/canvas/useCanvasKeys'
import { nodeSize } from '@/canvas/nodes'
import type { Id } from '@/model/document'

export interface Sought {
  readonly region: Id
  /** A higher number asks again. */
  readonly times: number
}

/** Brings a region that is sought into sight, and all of the plan when `fits` changes. */
export function Sight({ sought, fits }: { sought: Sought | null; fits: number }) {
  const { fitView, getNode, setCenter, getZoom } = useReactFlow()
  const store = useStoreApi()

  useEffect(() => {
    const node = sought && getNode(sought.region)
    if (!node) return
    const { x, y } = node.position
    const middle = [x + nodeSize.width / 2, y + nodeSize.height / 2] as const
    void setCenter(...middle, { zoom: Math.max(getZoom(), 0.7), duration: 200 })
    focusRegion(store.getState().domNode, sought.region)
  }, [sought, getNode, getZoom, setCenter, store])

  useEffect(() => {
    if (fits > 0) void fitView({ padding: 0.15, maxZoom: 1, duration: 200 })
  }, [fits, fitView])
  return null
}
