import { describe, expect, it } from 'vitest'
import { largePlan } from '@/model/fixtures/largePlan'
import { toPlan } from '@/model/codec/write'
import {
  moveCall,
  moveChain,
  moveLayer,
  moveToChain,
  moveTurn,
  putInChain,
  removeLayer,
  renameChain,
} from '@/model/edits/layers'
import { removeRegions } from '@/model/edits/regions'

const plan = largePlan(60, 120)

describe('layers', () => {
  it('a layer that goes takes its turns with it, and no method of another', () => {
    const left = removeLayer(plan, 'layer-0')
    expect(left.turns.map((turn) => turn.layer)).toEqual(['layer-1', 'layer-2'])
    expect(left.layers['layer-1']).toBe(plan.layers['layer-1'])
    expect(toPlan(left).execution_order).toEqual([0, 1])
  })

  it('what is moved beyond the end, or to where it stands, leaves the document as it is', () => {
    const spot = { layer: 'layer-0', chain: 'chain-region-0' }
    expect(moveLayer(plan, 'layer-2', 3)).toBe(plan)
    expect(moveTurn(plan, 'turn-0', -1)).toBe(plan)
    expect(moveChain(plan, spot, -1)).toBe(plan)
    expect(moveCall(plan, 'layer-0', 'call-region-0', 1)).toBe(plan)
    expect(putInChain(plan, 'region-0', spot, 0)).toBe(plan)
  })

  it('moving a layer moves its turn while layers run as they are listed', () => {
    const moved = moveLayer(plan, 'layer-2', 0)
    expect(toPlan(moved).execution_order).toEqual([0, 1, 2])
    expect(moved.turns[0]?.layer).toBe('layer-2')
  })

  it('a region that moves to another layer takes along what it does', () => {
    const spot = { layer: 'layer-1', chain: 'chain-region-20' }
    const moved = moveToChain(plan, 'region-0', 'layer-0', spot, 0)
    expect(moved.layers['layer-1']?.chains[0]?.regions).toEqual(['region-0', 'region-20'])
    expect(moved.layers['layer-1']?.methods.some((call) => call.region === 'region-0')).toBe(true)
    expect(moved.layers['layer-0']?.methods.some((call) => call.region === 'region-0')).toBe(false)
  })

  it('two chains of a layer never come to one name', () => {
    const spot = { layer: 'layer-0', chain: 'chain-region-0' }
    expect(renameChain(plan, spot, 'Region 1')).toBe(plan)
  })
})

it('a region that goes leaves nothing behind that refers to it', () => {
  expect(JSON.stringify(removeRegions(plan, ['region-20']))).not.toContain('"region-20"')
})
