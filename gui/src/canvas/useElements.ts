import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { EdgeChange, NodeChange } from '@xyflow/react'
import { EdgeMaker } from '@/canvas/edges'
import { NodeMaker, type PlanNode } from '@/canvas/nodes'
import type { CanvasSelection, PlanCanvasProps } from '@/canvas/props'
import type { Id, Point } from '@/model/document'
import { useCatalog } from '@/store/catalog'

type Places = Readonly<Record<Id, Point>>

const none = {}

/** The flow's nodes and edges, and where the drag that is under way has brought them. */
export function useElements(props: PlanCanvasProps, tabStop: Id | null) {
  const { document, selection, edits } = props
  const { marks = none, problems = none, health = none } = props
  const catalog = useCatalog((state) => state.catalog)
  const [nodeMaker] = useState(() => new NodeMaker())
  const [edgeMaker] = useState(() => new EdgeMaker())
  const [dragged, setDragged] = useState<Places>(none)
  const readOnly = edits === undefined

  const standing = useMemo(() => {
    const selected = new Set(selection.regions)
    const shown = { catalog, problems, marks, health, selected, tabStop, readOnly }
    return nodeMaker.make(document, shown)
  }, [nodeMaker, document, catalog, problems, marks, health, selection, tabStop, readOnly])
  const nodes = useMemo(() => withPlaces(standing, dragged), [standing, dragged])
  const edges = useMemo(
    () => edgeMaker.make(document, new Set(selection.connections)),
    [edgeMaker, document, selection],
  )
  return { nodes, edges, ...useChanges(props, setDragged) }
}

/** The nodes, some of them at other places: a drag makes anew those that it moves, no more. */
function withPlaces(nodes: PlanNode[], places: Places): PlanNode[] {
  if (places === none) return nodes
  return nodes.map((node) => {
    const position = places[node.id]
    return position ? { ...node, position } : node
  })
}

/** What the flow asks to change: places of what is dragged, and the selection. */
function useChanges(
  { selection, onSelect }: PlanCanvasProps,
  setDragged: (change: (places: Places) => Places) => void,
) {
  // One click changes nodes and edges in two calls, before anything is drawn again.
  const latest = useRef(selection)
  useEffect(() => {
    latest.current = selection
  }, [selection])
  const pick = useCallback(
    (part: Partial<CanvasSelection>) => {
      latest.current = { ...latest.current, ...part }
      onSelect(latest.current)
    },
    [onSelect],
  )
  const onNodesChange = useCallback(
    (changes: NodeChange<PlanNode>[]) => {
      if (changes.some((change) => change.type === 'position')) {
        setDragged((places) => movedPlaces(places, changes))
      }
      const regions = picked(latest.current.regions, changes)
      if (regions) pick({ regions })
    },
    [pick, setDragged],
  )
  const onEdgesChange = useCallback(
    (changes: EdgeChange[]) => {
      const connections = picked(latest.current.connections, changes)
      if (connections) pick({ connections })
    },
    [pick],
  )
  return { onNodesChange, onEdgesChange }
}

/** Places of what is being dragged; what has been let go stands in the document. */
function movedPlaces(places: Places, changes: readonly NodeChange[]): Places {
  const next: Record<Id, Point> = { ...places }
  for (const change of changes) {
    if (change.type !== 'position') continue
    if (change.dragging && change.position) next[change.id] = change.position
    else Reflect.deleteProperty(next, change.id)
  }
  return Object.keys(next).length === 0 ? none : next
}

/** `ids` with what was selected or let go; null where nothing was. */
function picked(
  ids: readonly Id[],
  changes: readonly (NodeChange | EdgeChange)[],
): readonly Id[] | null {
  const next = new Set(ids)
  let touched = false
  for (const change of changes) {
    if (change.type !== 'select' || next.has(change.id) === change.selected) continue
    touched = true
    if (change.selected) next.add(change.id)
    else next.delete(change.id)
  }
  return touched ? [...next] : null
}
