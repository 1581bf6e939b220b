import dagre from '@dagrejs/dagre'
import type { Id, Point } from '@/model/document'

/** A graph to be laid out: boxes of one size, and who is connected to whom. */
export interface Graph {
  readonly width: number
  readonly height: number
  /** In the order in which they run, as far as they do. */
  readonly nodes: readonly Id[]
  readonly edges: readonly Edge[]
}

type Edge = readonly [from: Id, to: Id]

export type Places = Readonly<Record<Id, Point>>

/** Places from left to right, in the direction of the connections. */
export function place({ width, height, nodes, edges }: Graph): Places {
  const graph = connected(nodes, onward(nodes, edges))
  graph.setGraph({ rankdir: 'LR', nodesep: 36, ranksep: 96, ranker: 'tight-tree' })
  for (const id of nodes) graph.setNode(id, { width, height })
  dagre.layout(graph)
  return Object.fromEntries(
    nodes.map((id) => {
      const { x, y } = graph.node(id) as Point
      return [id, { x: Math.round(x - width / 2), y: Math.round(y - height / 2) }]
    }),
  )
}

/**
 * Without the edges that close a cycle. In a cycle, those lead back to what runs earlier; left in,
 * they would pull the layout apart, and a large one takes ten times as long.
 */
function onward(nodes: readonly Id[], edges: readonly Edge[]): Edge[] {
  const cycles = dagre.graphlib.alg.tarjan(connected(nodes, edges))
  const cycleOf = new Map(cycles.flatMap((ids, cycle) => ids.map((id) => [id, cycle])))
  const turn = new Map(nodes.map((id, at) => [id, at]))
  return edges.filter(([from, to]) => {
    const leadsOn = (turn.get(from) ?? 0) < (turn.get(to) ?? 0)
    return leadsOn || cycleOf.get(from) !== cycleOf.get(to)
  })
}

function connected(nodes: readonly Id[], edges: readonly Edge[]) {
  const graph = new dagre.graphlib.Graph<object, object, object>()
  graph.setDefaultEdgeLabel(() => ({}))
  for (const id of nodes) graph.setNode(id, {})
  for (const [from, to] of edges) graph.setEdge(from, to)
  return graph
}
