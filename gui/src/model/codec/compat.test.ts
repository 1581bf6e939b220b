import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { builtinCatalog } from '@/model/builtin'
import { parseJson } from '@/model/codec/parse'
import { load, type Loaded, type PlanFile } from '@/model/codec/read'
import {
  toPlan,
  writeExecutions,
  writeFullState,
  writePlan,
  writeRegions,
} from '@/model/codec/write'
import type { PlanDocument } from '@/model/document'
import { stringify, type Json } from '@/model/json'

function file(path: string): PlanFile {
  const name = path.replace(/.*\//, '')
  return { name, content: parseJson(readFileSync(`../tests/${path}`, 'utf8'), name) }
}

const read = (...paths: string[]): Loaded => load(paths.map(file), builtinCatalog)

const reread = (...contents: object[]) =>
  load(
    contents.map((content) => ({
      name: 'again',
      content: parseJson(stringify(content as Json), 'again'),
    })),
    builtinCatalog,
  )

const workflows = ['lookup', 'refine']
const places = [
  ...workflows.map((name) => [`compat/${name}_full_state.json`]),
  ...workflows.map((name) => [`compat/${name}_regions.json`, `compat/${name}_executions.json`]),
  ['unit/plans/wild.json'],
  ['unit/plans/odd.json'],
]

describe.each(places)('%s %s', (...paths) => {
  const { document } = read(...paths.filter(Boolean))
  const titled = (found: PlanDocument) => ({ ...found, title: document.title })

  it('exported as a full state and imported is the same document', () => {
    const again = reread(writeFullState(document))
    expect(titled(again.document)).toEqual(document)
    expect(again.repairs).toEqual([])
  })

  it('exported as a plan and imported is the same plan, drawn the same', () => {
    const again = reread(writePlan(document))
    expect(toPlan(again.document)).toEqual(toPlan(document))
    expect(Object.values(again.document.regions).map((one) => one.position)).toEqual(
      Object.values(document.regions).map((one) => one.position),
    )
    expect(again.repairs).toEqual([])
  })

  it('exported as a pair and imported is the same plan', () => {
    const again = reread(writeRegions(document), writeExecutions(document))
    expect(toPlan(again.document)).toEqual(toPlan(document))
    expect(again.repairs).toEqual([])
  })
})

it('a plan file is written as the coordinator writes it, character by character', () => {
  const text = readFileSync('../tests/unit/plans/odd.json', 'utf8')
  const { document, repairs } = read('unit/plans/odd.json')
  expect(repairs).toEqual([])
  expect(`${stringify(writePlan(document), 2)}\n`).toBe(text)
})

describe('a workflow of the reference', () => {
  it.each(workflows)('%s needs no repair as a full state', (name) => {
    expect(read(`compat/${name}_full_state.json`).repairs).toEqual([])
  })

  it.each(workflows)('%s means the same as a pair and as a full state', (name) => {
    const pair = read(`compat/${name}_executions.json`, `compat/${name}_regions.json`)
    const state = read(`compat/${name}_full_state.json`)
    const layers = ({ document }: Loaded) => {
      const { layer_config, execution_config, execution_order } = toPlan(document)
      return { layer_config, execution_config, execution_order }
    }
    expect(layers(pair)).toEqual(layers(state))
    expect(pair.document.title).toBe(name)
  })

  it('keeps its places, ids and chain colours', () => {
    const { document } = read('compat/refine_full_state.json')
    expect(document.regions.DraftA).toBeUndefined()
    expect(document.regions.FeedForwardRegion_3).toMatchObject({
      name: 'DraftA',
      position: { x: 143.65923168378993, y: 138.87490853322697 },
    })
    expect(document.layers['layer-2']?.chains.map((chain) => chain.color)).toEqual([0, 1])
  })
})
