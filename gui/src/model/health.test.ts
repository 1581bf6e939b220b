import { expect, test } from 'vitest'
import { builtinCatalog } from '@/model/builtin'
import { load } from '@/model/codec/read'
import { regionList, type PlanDocument } from '@/model/document'
import { healthMarks, healthOfRegion, healthsOf, type Resource } from '@/model/health'
import type { JsonObject } from '@/model/json'

const resource = (part: Partial<Resource>): Resource => ({
  ...{ kind: 'llm', name: 'default', worker: 'nas-1', host: 'nas', model: 'qwen3-4b' },
  ...{ slots: 1, in_use: 0, queue: 0, health: 'ok', tokens_per_second: null },
  ...part,
})

const region = (name: string, type: string, more: JsonObject = {}) => ({
  ...{ name, type, task: '', connections: {} },
  ...more,
})

const plan = {
  version: 1,
  regions: [
    region('Ada', 'Region'),
    region('Facts', 'RAGRegion', { rag: 'facts' }),
    region('News', 'BroadcastRegion'),
  ],
  layer_config: [],
  execution_config: [],
  resources: { rag: { facts: { path: 'facts.db', embedding: 'words' } } },
}
const { document } = load([{ name: 'plan.json', content: plan }], builtinCatalog)

/** The state of what each region needs, by the regions' names. */
function statesIn(drawn: PlanDocument, resources: readonly Resource[]) {
  const marks = healthMarks(drawn, builtinCatalog, healthsOf(resources))
  return Object.fromEntries(regionList(drawn).map(({ id, name }) => [name, marks[id]?.state]))
}

test('a region is as well as the model or the store that it names', () => {
  const resources = [resource({}), resource({ kind: 'rag', name: 'facts', health: 'error' })]
  expect(statesIn(document, resources)).toEqual({ Ada: 'well', Facts: 'ill', News: undefined })
})

test('what nobody lends may be on the own machine of a worker: nothing is said of it', () => {
  expect(statesIn(document, [])).toEqual({})
  expect(statesIn(document, [resource({ health: '' })])).toEqual({})
})

test('calls that wait for what nobody serves are told, with the command that helps', () => {
  const waiting = resource({ name: 'my model', worker: '', host: '', health: '', queue: 2 })
  expect([...healthsOf([waiting]).values()]).toMatchObject([
    {
      state: 'awaited',
      text: 'Calls wait for the model “my model”, which nobody serves.',
      command: "regions-worker --llm 'my model'",
    },
  ])
})

test('an ill one is told with its machine and worker; of several, the illest counts', () => {
  const three = [
    resource({ worker: 'pc-1', host: 'pc' }),
    resource({ health: 'error' }),
    resource({ worker: 'attic', host: 'attic', health: 'error' }),
  ]
  expect([...healthsOf(three).values()]).toMatchObject([
    { text: 'The model “default” on nas (worker nas-1) and attic does not answer.' },
  ])
  expect([...healthsOf([resource({}), resource({ health: 'loading' })]).values()]).toMatchObject([
    { state: 'loading' },
  ])
})

test('a store is no better than the embedder that the plan gives it', () => {
  const healths = healthsOf([
    resource({ kind: 'rag', name: 'facts' }),
    resource({ kind: 'embedding', name: 'words', health: 'error' }),
  ])
  const facts = regionList(document).find(({ name }) => name === 'Facts')
  const found = facts ? healthOfRegion(facts, document, builtinCatalog, healths) : []
  expect(found.map(({ kind, state }) => [kind, state])).toEqual([
    ['embedding', 'ill'],
    ['rag', 'well'],
  ])
})

test('what has not changed since it was last asked is the same object', () => {
  const first = healthsOf([resource({}), resource({ name: 'big' })])
  expect(healthsOf([resource({ in_use: 1, queue: 4 }), resource({ name: 'big' })], first)).toBe(
    first,
  )
  const next = healthsOf([resource({ health: 'error' }), resource({ name: 'big' })], first)
  expect(next.get('llm big')).toBe(first.get('llm big'))
  expect(next.get('llm default')?.state).toBe('ill')
})
