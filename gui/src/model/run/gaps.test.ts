import { expect, test } from 'vitest'
import { readEvent } from '@/model/run/events'
import { gapsText } from '@/model/run/gaps'
import { longRun } from '@/model/run/fixtures/longRun'
import { Replay } from '@/model/run/replay'

const without = (...lost: number[]) =>
  gapsText(new Replay(longRun(20).filter(({ seq }) => !lost.includes(seq))).gaps)

test('a run of which every event came says nothing', () => {
  expect(without()).toBe('')
})

test('events that did not come are told by their numbers, the first ones too', () => {
  expect(without(7)).toBe('Event 7 is missing: what is shown may be incomplete.')
  expect(without(1, 2)).toBe('Events 1–2 are missing: what is shown may be incomplete.')
  expect(without(3, 7, 8, 12, 15)).toBe(
    'Events 3, 7–8, 12 and others are missing: what is shown may be incomplete.',
  )
})

test('an event of a kind that this editor does not know has come all the same', () => {
  const events = [
    { type: 'run', status: 'running' },
    { type: 'weather' },
    { type: 'run', status: 'paused' },
  ]
  const replay = new Replay(
    events.flatMap((event, index) => readEvent({ ...event, seq: index + 1, at: index }) ?? []),
  )
  expect(replay.gaps).toEqual([])
  expect(replay.at()).toMatchObject({ status: 'paused', messages: 0 })
})
