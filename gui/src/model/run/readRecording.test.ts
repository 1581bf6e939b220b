import { expect, test } from 'vitest'
import { readRecording } from '@/model/run/readRecording'
import { NotARecording } from '@/model/run/recording'
import { Replay } from '@/model/run/replay'

const lines = (...objects: object[]) => objects.map((one) => JSON.stringify(one)).join('\n')

const routed = (seq: number, id: string, source: string, destination: string) => ({
  ...{ seq, at: 1000 + seq, id, parent: null, source, destination },
  ...{ role: 'request', content: 'Why?', outcome: 'delivered', copies: [] },
})

test('a trace alone shows who wrote to whom, and which steps did', () => {
  const text = lines(
    routed(1, '0000-001-000-000000', 'Asker', 'Facts'),
    routed(2, '0000-001-000-000001', 'Asker', 'Facts'),
    routed(3, '0001-001-000-000000', 'Facts', 'Asker'),
  )
  const recording = readRecording(text, 'lookup.jsonl')
  const view = new Replay(recording.events).at()
  expect(recording.run).toBe('lookup')
  expect(view.messages).toBe(3)
  expect([...view.steps.values()].map(({ region, state }) => [region, state])).toEqual([
    ['Asker', 'done'],
    ['Facts', 'done'],
  ])
  expect([...view.places.keys()]).toEqual([0, 1])
})

test('an archived run has its plan, its steps and the texts of its messages', () => {
  const document = JSON.stringify({ regions: [], layer_config: [{ ask: ['A'] }] })
  const plan = {
    ...{ document, places: '1', 'layer:0': '0', 'chains:0': '1', 'steps:0:1': '1' },
    ...{ 'step:0000-001-000:region': 'A', 'step:0000-001-000:method': 'broadcast' },
  }
  const message = {
    ...{ id: '0000-001-000-000000', source: 'A', destination: 'B', role: 'request' },
    ...{ outcome: 'delivered' },
  }
  const text = lines(
    { run: 'old', version: 1, status: 'succeeded', started: 1, finished: 2 },
    { key: 'plan', type: 'hash', value: plan },
    { key: 'bodies', type: 'hash', value: { abc: 'a long text' } },
    { key: 'trace', type: 'stream', value: [['5-0', { ...message, content: '', body: 'abc' }]] },
    {
      key: 'events',
      type: 'stream',
      value: [
        ['4-0', { type: 'run', number: '1', at: '1000000', status: 'running' }],
        [
          '5-1',
          { type: 'message', number: '2', at: '2000000', seq: '1', entry: '5-0', ...message },
        ],
      ],
    },
  )
  const recording = readRecording(text, 'old.jsonl')
  expect(recording.schedule?.[0]?.chains[0]).toMatchObject({
    name: 'ask',
    steps: [{ region: 'A' }],
  })
  expect(recording.events[1]).toMatchObject({ at: 2, content: 'a long text', trace: 1 })
})

test('a file of something else is refused, by its name and line', () => {
  expect(() => readRecording('{"a": 1}', 'plan.json')).toThrow(NotARecording)
  expect(() => readRecording('{"seq": 1}\nnot json', 'broken.jsonl')).toThrow(
    'broken.jsonl: line 2',
  )
})
