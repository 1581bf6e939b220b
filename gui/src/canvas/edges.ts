import { MarkerType, type Edge } from '@xyflow/react'
import { connectionId, regionList, type Id, type PlanDocument } from '@/model/document'

const markers = {
  plain: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: 'var(--line-strong)' },
  selected: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: 'var(--accent)' },
}

/** Makes the edges of a document; an edge that has not changed is the same object as last time. */
export class EdgeMaker {
  private last = new Map<Id, Edge>()

  make(document: PlanDocument, selected: ReadonlySet<Id>): Edge[] {
    const edges = regionList(document).flatMap((region) =>
      region.connections.map(({ to }) => this.edge(region.id, to, selected)),
    )
    this.last = new Map(edges.map((edge) => [edge.id, edge]))
    return edges
  }

  private edge(source: Id, target: Id, selected: ReadonlySet<Id>): Edge {
    const id = connectionId(source, target)
    const isSelected = selected.has(id)
    const before = this.last.get(id)
    if (before?.selected === isSelected) return before
    const markerEnd = isSelected ? markers.selected : markers.plain
    return { id, source, target, selected: isSelected, markerEnd }
  }
}
