import { expect, test } from 'vitest'
import { place } from '@/layout/place'
import { builtinCatalog } from '@/model/builtin'
import { regionList } from '@/model/document'
import { largePlan } from '@/model/fixtures/largePlan'
import { longRun } from '@/model/run/fixtures/longRun'
import { Replay } from '@/model/run/replay'
import { validate } from '@/model/validate'

/** Milliseconds that `share` of the calls stay below. */
function quantile(share: number, rounds: number, call: (round: number) => void): number {
  const times = Array.from({ length: rounds }, (_, round) => {
    const begun = performance.now()
    call(round)
    return performance.now() - begun
  }).sort((one, other) => one - other)
  return times[Math.floor(rounds * share)] ?? Infinity
}

function hold(name: string, took: number, limit: number): void {
  console.info(`${name}: ${took.toFixed(2)} ms, of at most ${limit}`)
  expect.soft(took).toBeLessThan(limit)
}

function graph(regions: number): Parameters<typeof place>[0] {
  const list = regionList(largePlan(regions, regions * 2))
  const edges = list.flatMap(({ id, connections }) =>
    connections.map(({ to }) => [id, to] as const),
  )
  return { width: 212, height: 92, nodes: list.map((one) => one.id), edges }
}

test('checks, layout and scrubbing', () => {
  const plan = largePlan(200, 400)
  const run = new Replay(longRun(20_000))
  const checked = quantile(0.5, 50, () => validate(plan, builtinCatalog))
  hold('checking 200 regions and 400 connections (median)', checked, 5)
  for (const [regions, limit] of [
    [50, 100],
    [200, 400],
  ] as const) {
    const drawn = graph(regions)
    const placed = quantile(0.5, 5, () => place(drawn))
    hold(`laying out ${regions} regions (median)`, placed, limit)
  }
  const jumped = quantile(0.95, 200, (round) => run.at((round * 7919) % 20_000))
  hold('a jump within 20,000 events (p95)', jumped, 5)
})
