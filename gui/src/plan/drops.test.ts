import { describe, expect, it } from 'vitest'
import type { PlanDocument } from '@/model/document'
import { addCall } from '@/model/edits/layers'
import { largePlan } from '@/model/fixtures/largePlan'
import { dropped, takes, type Dragged, type Target } from '@/plan/drops'

const kinds: Target[] = [
  { kind: 'chain', layer: 'l', chain: 'c', at: 0 },
  { kind: 'new-chain', layer: 'l' },
  { kind: 'machine', worker: 'gpu-box' },
  { kind: 'call', layer: 'l', region: 'r', at: 0 },
  { kind: 'call', layer: 'other', region: 'r', at: 0 },
  { kind: 'call', layer: 'l', region: 'other', at: 0 },
  { kind: 'turn', at: 0 },
  { kind: 'row', layer: 'l', at: 0 },
  { kind: 'row', layer: 'other', at: 0 },
  { kind: 'layer', at: 0 },
]
const takers = (dragged: Dragged) =>
  kinds.flatMap((target, index) => (takes(target, dragged) ? [index] : []))

describe('a target takes', () => {
  it('regions into chains, new chains and machines', () => {
    expect(takers({ kind: 'region', region: 'r', from: null })).toEqual([0, 1, 2])
  })
  it('a method within its own region and layer', () => {
    expect(takers({ kind: 'call', layer: 'l', region: 'r', call: 'x' })).toEqual([3])
  })
  it('a turn among the turns', () => {
    expect(takers({ kind: 'turn', turn: 't' })).toEqual([6])
  })
  it('a chain among those of its layer, and a layer among the layers', () => {
    expect(takers({ kind: 'chain', layer: 'l', chain: 'c' })).toEqual([7])
    expect(takers({ kind: 'layer', layer: 'l' })).toEqual([9])
  })
})

const plan = addCall(largePlan(60, 120), 'layer-0', 'region-0', 'summarize_replies')
const region: Dragged = { kind: 'region', region: 'region-0', from: 'layer-0' }
const own = (document: PlanDocument) =>
  document.layers['layer-0']?.methods.filter((call) => call.region === 'region-0') ?? []

describe('a drop', () => {
  it('puts a method before another of its region', () => {
    const before = own(plan)
    const dragged = before.at(-1)?.id ?? ''
    const call: Dragged = { kind: 'call', layer: 'layer-0', region: 'region-0', call: dragged }
    const target: Target = { kind: 'call', layer: 'layer-0', region: 'region-0', at: 0 }
    const after = own(dropped(plan, call, target))
    expect(after).toEqual([...before.slice(-1), ...before.slice(0, -1)])
  })

  it('puts a turn before another, and leaves the layers as they are', () => {
    const turn: Dragged = { kind: 'turn', turn: plan.turns.at(-1)?.id ?? '' }
    const after = dropped(plan, turn, { kind: 'turn', at: 0 })
    expect(after.turns).toEqual([...plan.turns.slice(-1), ...plan.turns.slice(0, -1)])
    expect(after.layers).toBe(plan.layers)
  })

  it('of a region beside the chains of a layer makes it a chain of its own there', () => {
    const after = dropped(plan, region, { kind: 'new-chain', layer: 'layer-1' })
    const chains = after.layers['layer-1']?.chains ?? []
    expect(chains).toHaveLength((plan.layers['layer-1']?.chains.length ?? 0) + 1)
    expect(chains.at(-1)?.regions).toEqual(['region-0'])
  })

  it('of a region on a machine places it there', () => {
    const after = dropped(plan, region, { kind: 'machine', worker: 'gpu-box' })
    expect(after.placement).toEqual({ 'region-0': { worker: 'gpu-box' } })
    expect(after.layers).toBe(plan.layers)
  })
})
