import { describe, expect, it } from 'vitest'
import { place, type Graph } from '@/layout/place'
import { largePlan } from '@/model/fixtures/largePlan'
import { regionList } from '@/model/document'

function graph(regions: number): Graph {
  const list = regionList(largePlan(regions, regions * 2))
  const edges = list.flatMap(({ id, connections }) =>
    connections.map(({ to }) => [id, to] as const),
  )
  return { width: 212, height: 92, nodes: list.map((one) => one.id), edges }
}

describe('a layout', () => {
  it('puts who is written to on the right of who writes', () => {
    const places = place({ width: 10, height: 10, nodes: ['b', 'a'], edges: [['a', 'b']] })
    expect(places.b?.x).toBeGreaterThan(places.a?.x ?? Infinity)
  })

  it('lays no two regions over each other', () => {
    const places = Object.values(place(graph(50)))
    const covered = places.filter((one, at) =>
      places.some(
        (other, index) =>
          index < at && Math.abs(one.x - other.x) < 212 && Math.abs(one.y - other.y) < 92,
      ),
    )
    expect(covered).toEqual([])
  })
})
