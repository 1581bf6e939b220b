import { useMemo, useRef, useState } from 'react'
import {
  Background,
  Controls,
  MiniMap,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useStore,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import '@/canvas/flow.css'
import { editing, watching } from '@/canvas/editing'
import type { PlanNode } from '@/canvas/nodes'
import { OutsiderNode } from '@/canvas/OutsiderNode'
import { RegionNode } from '@/canvas/RegionNode'
import { Sight } from '@/canvas/Sight'
import { regionAt, useCanvasKeys } from '@/canvas/useCanvasKeys'
import type { PlanCanvasProps } from '@/canvas/props'
import { useDrop } from '@/canvas/useDrop'
import { useElements } from '@/canvas/useElements'
import type { Id } from '@/model/document'
import { typeColor } from '@/ui/typeIcons'
import styles from '@/canvas/PlanCanvas.module.css'

const nodeTypes = { region: RegionNode, outsider: OutsiderNode }
const snapPixels = 24

// One object for all renders: what is new is told to every node and edge.
const adding = ['Shift', 'Control', 'Meta']
const wholePlan = { padding: 0.15, maxZoom: 1 }
const fewNodes = 4
/** Told rather than styled: the map is drawn to it. */
const mapSize = { width: 160, height: 110 }

/** A plan as a graph. */
export function PlanCanvas(props: PlanCanvasProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  )
}

function Flow(props: PlanCanvasProps) {
  const { document, edits } = props
  const frame = useRef<HTMLDivElement>(null)
  const zoom = useStore((flow) => flow.transform[2])
  const [focused, setFocused] = useState<Id | null>(null)
  const first = document.regionOrder[0] ?? null
  const tabStop = focused !== null && focused in document.regions ? focused : first
  const elements = useElements(props, tabStop)
  const onKeyDown = useCanvasKeys(frame, props)
  const dropping = useDrop(edits)
  const handlers = useMemo(() => (edits ? editing(edits) : watching), [edits])

  return (
    <div
      ref={frame}
      className={styles.canvas}
      onKeyDown={onKeyDown}
      onFocus={(event) => setFocused((before) => regionAt(event.target) ?? before)}
      {...dropping}
    >
      <ReactFlow<PlanNode>
        {...elements}
        {...handlers}
        nodeTypes={nodeTypes}
        connectionRadius={snapPixels / zoom}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        multiSelectionKeyCode={adding}
        selectionMode={SelectionMode.Partial}
        autoPanOnNodeDrag={props.pans ?? true}
        zoomOnDoubleClick={false}
        minZoom={0.1}
        fitView
        fitViewOptions={wholePlan}
        aria-label="Regions and connections of the plan"
      >
        <Background gap={20} size={1.4} color="var(--line)" />
        <Controls showInteractive={false} position="bottom-left" />
        {document.regionOrder.length >= fewNodes && <SmallMap />}
        <Sight sought={props.sought ?? null} fits={props.fits ?? 0} />
        {props.overlay}
        {first === null && <Panel position="top-center">{props.empty}</Panel>}
      </ReactFlow>
    </div>
  )
}

function SmallMap() {
  return (
    <MiniMap<PlanNode>
      pannable
      zoomable
      className={styles.map ?? ''}
      style={mapSize}
      nodeColor={({ type, data }) => (type === 'region' ? typeColor(data.kind) : 'var(--line)')}
      ariaLabel="Map of the plan"
    />
  )
}
