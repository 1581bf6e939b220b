import { describe, expect, it } from 'vitest'
import { builtinCatalog } from '@/model/builtin'
import { parseJson } from '@/model/codec/parse'
import { load, type PlanFile } from '@/model/codec/read'
import type { Json, JsonObject } from '@/model/json'

const region = (fields: JsonObject = {}): JsonObject => ({
  name: 'Facts',
  type: 'RAGRegion',
  task: 'Know',
  connections: {},
  ...fields,
})

const plan = (regions: Json, more: JsonObject = {}): JsonObject => ({
  regions,
  layer_config: [],
  execution_config: [],
  ...more,
})

const open = (...contents: Json[]) =>
  load(
    contents.map((content, at): PlanFile => ({ name: `file${at + 1}.json`, content })),
    builtinCatalog,
  )

const repairs = (content: Json) => open(content).repairs.map(({ where, code }) => [where, code])

const first = (content: Json) => {
  const { document } = open(content)
  return document.regions[document.regionOrder[0] ?? '']
}

describe('what is repaired is listed with file and place', () => {
  it.each<[string, JsonObject, string, string]>([
    ['connections []', { connections: [] }, 'connections', 'repaired-connections'],
    ['connections null', { connections: null }, 'connections', 'repaired-connections'],
    ['a list of names', { connections: ['Facts'] }, 'connections', 'repaired-connections'],
    [
      'a task of null',
      { connections: { Facts: null } },
      'connections.Facts',
      'repaired-connections',
    ],
    ['a threshold as text', { threshold: '0.65' }, 'threshold', 'repaired-threshold'],
    ['a threshold of null', { threshold: null }, 'threshold', 'repaired-threshold'],
    [
      'a flag as text',
      { reply_with_actors: 'True' },
      'reply_with_actors',
      'repaired-reply_with_actors',
    ],
    ['an unknown key', { colour: 'red' }, 'colour', 'unknown-key'],
    ['no type', { type: null }, 'type', 'missing-key'],
    ['no task', { task: null }, 'task', 'missing-key'],
    [
      "another type's parameter",
      { type: 'Region', threshold: 0.4 },
      'threshold',
      'dropped-parameter',
    ],
  ])('%s', (_, fields, key, code) => {
    const found = open(plan([region(fields)])).repairs
    expect(found.map(({ where, code }) => [where, code])).toEqual([[`regions[0].${key}`, code]])
    expect(found[0]?.message).toMatch(`file1.json: regions[0].${key}: `)
  })

  it('layers and methods of unequal length', () => {
    expect(repairs(plan([], { layer_config: [{}] }))).toEqual([
      ['execution_config', 'padded-layers'],
    ])
  })

  it('an order that an executions file lacks', () => {
    const loaded = open([], { layer_config: [{}, {}], execution_config: [[], []] })
    expect(loaded.repairs.map((one) => one.where)).toEqual(['execution_order'])
    expect(loaded.document.turns.map((turn) => turn.layer)).toEqual(['layer-1', 'layer-2'])
  })

  it('an edge that its node does not name, and one that joins nobody', () => {
    const node = (id: string, fields: JsonObject) => ({
      id,
      data: { typeName: 'RAGRegion', params: region(fields) },
    })
    const state = {
      flowNodes: [node('a', { name: 'A' }), node('b', { name: 'B', task: 'Tell' })],
      flowEdges: [
        { source: 'a', target: 'b' },
        { source: 'a', target: 'x' },
      ],
      layerConfig: [],
      executionConfig: [],
      executionOrder: [],
    }
    expect(repairs(state)).toEqual([
      ['flowEdges[0]', 'repaired-connections'],
      ['flowEdges[1]', 'dangling-edge'],
    ])
    expect(first(state)?.connections).toEqual([{ to: 'b', task: 'Tell' }])
  })
})

describe('a number of more digits than JavaScript keeps', () => {
  it('is told with its place where it may be rounded', () => {
    const params = parseJson('{"seed": 18446744073709551615, "small": [9007199254740991]}', '')
    const loaded = open(plan([], { resources: { llm: { default: { params } } } }))
    expect(loaded.repairs.map(({ code, message }) => [code, message])).toEqual([
      [
        'rounded-number',
        'file1.json: resources.llm.default.params.seed: has more digits than an editor in a ' +
          'browser keeps; it is taken as 18446744073709552000',
      ],
    ])
  })

  it('is refused where it counts', () => {
    const content = plan([], { postmaster: { max_hops: 1e17 } })
    expect(() => open(content)).toThrow(
      'postmaster.max_hops: found 100000000000000000, expected a whole number of at most 15 digits',
    )
  })
})

describe('what needs no repair', () => {
  it('a threshold of 0 stays 0', () => {
    expect(first(plan([region({ threshold: 0 })]))?.parameters).toEqual({ threshold: 0 })
  })

  it('what older files write for every region is left out in silence', () => {
    const fields = { type: 'Region', threshold: null, reply_with_actors: false }
    expect(repairs(plan([region(fields)]))).toEqual([])
  })

  it('the parameters of an unknown type are kept', () => {
    const entry = first(plan([region({ type: 'Oracle', depth: [1] })]))
    expect(entry?.parameters).toEqual({ depth: [1] })
  })
})

describe('what cannot be read names file, place, what was found and expected', () => {
  it.each<[string, Json, string]>([
    [
      'a number for a name',
      plan([region({ name: 7 })]),
      "file1.json: regions[0].name: found 7, expected the region's name",
    ],
    [
      'a wordy threshold',
      plan([region({ threshold: 'abc' })]),
      'file1.json: regions[0].threshold: found "abc", expected a number from -1 to 1',
    ],
    [
      'another version',
      plan([], { version: 2 }),
      'file1.json: version: found 2, expected 1, the version this program reads',
    ],
    ['no layers', { regions: [] }, 'file1.json: layer_config: found nothing, expected a list'],
    [
      'an order beyond the layers',
      plan([], { execution_order: [0] }),
      'file1.json: execution_order[0]: found 0, expected nothing: there are no layers',
    ],
    [
      'a triple',
      plan([], { execution_config: [[['a', 'b', 'c']]] }),
      'file1.json: execution_config[0][0]: found ["a","b","c"], expected a pair [region, method]',
    ],
    [
      'a role nobody has',
      plan([], { messages: [{ source: 'a', destination: 'b', role: 'shout', content: '' }] }),
      `file1.json: messages[0].role: found "shout", expected 'request' or 'reply'`,
    ],
    [
      'mail without text',
      plan([], { messages: [{ source: 'a', destination: 'b' }] }),
      'file1.json: messages[0].content: found nothing, expected a text',
    ],
    [
      'half a try',
      plan([], { steps: { '*': { retries: 0.5 } } }),
      'file1.json: steps.*.retries: found 0.5, expected a whole number',
    ],
    [
      'no time at all',
      plan([], { steps: { '*': { timeout: 0 } } }),
      'file1.json: steps.*.timeout: found 0, expected greater than 0',
    ],
    [
      'a number for a file',
      plan([], { resources: { rag: { facts: { documents: [1] } } } }),
      'file1.json: resources.rag.facts.documents[0]: found 1, expected a text',
    ],
    [
      'a text',
      'hello',
      'file1.json: found "hello", expected a plan (regions, layer_config, …) or a full state',
    ],
    [
      'executions alone',
      { layer_config: [] },
      'file1.json: holds layers but no regions: open it together with its regions file',
    ],
  ])('%s', (_, content, message) => {
    expect(() => open(content)).toThrow(message)
  })

  it.each(['{"a": }', '{"a": [-1e999]}'])('text that is no JSON: %s', (text) => {
    expect(() => parseJson(text, 'bad.json')).toThrow(/^bad\.json: is not JSON: /)
  })
})
