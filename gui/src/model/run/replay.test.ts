import { expect, test } from 'vitest'
import { readEvent, type RunEvent } from '@/model/run/events'
import { longRun } from '@/model/run/fixtures/longRun'
import { Replay } from '@/model/run/replay'
import { edgeKey } from '@/model/run/view'

const told = (...events: Record<string, unknown>[]): RunEvent[] =>
  events.flatMap((event, index) => readEvent({ seq: index + 1, at: 100 + index, ...event }) ?? [])

const step = (status: string, more: object = {}) => ({
  ...{ type: 'step', step: '0000-001-000', region: 'Facts', method: 'make_replies', status },
  ...more,
})

const mail = (source: string, destination: string, outcome = 'delivered') => ({
  ...{ type: 'message', id: '0000-001-000-000000', role: 'request', content: 'Why?' },
  ...{ source, destination, outcome },
})

test('a step goes through its states, each with its time', () => {
  const states = ['queued', 'running', 'waiting', 'running', 'done']
  const replay = new Replay(told(...states.map((state) => step(state))))
  const seen = replay.events.map(
    (_, index) => replay.at(index + 1).steps.get('0000-001-000')?.state,
  )
  expect(seen).toEqual(states)
  expect(replay.at().steps.get('0000-001-000')).toMatchObject({ ended: 104 })
  expect(replay.at().regions.get('Facts')).toMatchObject({ stepsDone: 1, seconds: 3 })
})

test('a step that is tried again counts its tries, and begins anew when it is queued again', () => {
  const replay = new Replay(
    told(step('queued'), step('running'), step('retrying'), step('retrying'), step('queued')),
  )
  expect(replay.at(4).steps.get('0000-001-000')?.attempt).toBe(3)
  expect(replay.at(5).steps.get('0000-001-000')?.attempt).toBe(1)
})

test('a warning stays with its step and does not end it', () => {
  const replay = new Replay(told(step('running'), step('warning', { message: 'no such region' })))
  expect(replay.at().steps.get('0000-001-000')).toMatchObject({
    state: 'running',
    warnings: ['no such region'],
  })
})

test('messages are counted by connection and by fate, and mail by whether it was read', () => {
  const replay = new Replay(
    told(mail('A', 'Facts'), mail('A', 'Facts'), step('running'), mail('Facts', 'me', 'printed')),
  )
  const view = replay.at()
  expect(view.edges.get(edgeKey('A', 'Facts'))).toBe(2)
  expect(view.fates).toMatchObject({ delivered: 2, printed: 1 })
  expect(view.regions.get('Facts')).toMatchObject({ received: 2, read: 2, sent: 1 })
  expect(replay.at(2).regions.get('Facts')).toMatchObject({ received: 2, read: 0 })
})

test('an event that comes twice counts once', () => {
  const events = told({ type: 'run', status: 'running' }, mail('A', 'B'))
  const replay = new Replay(events)
  expect(events.map((event) => replay.add(event))).toEqual([false, false])
  expect(replay.at().messages).toBe(1)
})

test('a resumed run is running again', () => {
  const replay = new Replay(
    told({ type: 'run', status: 'failed', message: 'down' }, { type: 'run', status: 'running' }),
  )
  expect(replay.at(1)).toMatchObject({ status: 'failed', message: 'down', ended: 100 })
  expect(replay.at(2)).toMatchObject({ status: 'running', ended: null })
})

test('every instant is the same, whether reached in order or by a jump', () => {
  const events = longRun(1500)
  const replay = new Replay(events)
  for (const count of [0, 1, 255, 256, 257, 700, 1024, 1499, 1500]) {
    expect(replay.at(count)).toEqual(new Replay(events.slice(0, count)).at())
  }
})

test('what was seen at an instant does not change as the run goes on', () => {
  const events = longRun(300)
  const replay = new Replay(events.slice(0, 100))
  const seen = replay.at()
  for (const event of events.slice(100)) replay.add(event)
  expect(seen).toEqual(replay.at(100))
})

test('an instant is found by its time', () => {
  const replay = new Replay(longRun(1000))
  expect(replay.countAt(0)).toBe(0)
  expect(replay.countAt(1005)).toBe(500)
  expect(replay.countAt(9999)).toBe(1000)
})
