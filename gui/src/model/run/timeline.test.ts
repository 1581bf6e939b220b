import { expect, test } from 'vitest'
import { readEvent, type RunEvent } from '@/model/run/events'
import { Replay } from '@/model/run/replay'
import type { Schedule } from '@/model/run/schedule'
import { scheduleSeen, timelineOf, together } from '@/model/run/timeline'

const at = (seconds: number, event: object, index: number): RunEvent =>
  readEvent({ seq: index + 1, at: seconds, ...event }) as RunEvent

const step = (id: string, status: string) => ({ type: 'step', step: id, region: 'A', status })

const schedule: Schedule = [0, 1].map((layer) => ({
  layer,
  chains: [
    {
      name: 'only',
      steps: [0, 1].map((index) => ({
        id: `000${layer}-001-00${index}`,
        region: 'A',
        method: 'broadcast',
      })),
    },
  ],
}))

const halfway = new Replay([
  at(10, { type: 'layer', place: 0, layer: 0, status: 'started' }, 0),
  at(10, step('0000-001-000', 'queued'), 1),
  at(11, step('0000-001-000', 'running'), 2),
  at(14, step('0000-001-000', 'done'), 3),
  at(14, step('0000-001-001', 'running'), 4),
]).at()

test('a bar has a part for each state, and one that goes on reaches to now', () => {
  const rows = timelineOf(schedule, halfway, 20).rows
  const [first, second] = rows[1]?.bars ?? []
  expect(first?.parts).toEqual([
    { state: 'queued', from: 10, to: 11 },
    { state: 'running', from: 11, to: 14 },
    { state: 'done', from: 14, to: 14 },
  ])
  expect(second).toMatchObject({ from: 14, to: 20, state: 'running' })
})

test('what has not run stands behind what has, as long as others took, layer after layer', () => {
  const { rows, end } = timelineOf(schedule, halfway, 20)
  expect(rows.map(({ kind, place }) => [kind, place])).toEqual([
    ['layer', 0],
    ['chain', 0],
    ['layer', 1],
    ['chain', 1],
  ])
  expect(rows[3]?.bars.map(({ state, from, to }) => [state, from, to])).toEqual([
    ['ghost', 20, 24],
    ['ghost', 24, 28],
  ])
  expect(end).toBe(28)
})

test('steps too short to be told apart are one bar, and what has failed stands alone', () => {
  const bars = ['done', 'done', 'failed', 'done', 'done'].map((state, index) => ({
    ...{ step: String(index), region: 'A', method: 'broadcast', parts: [] },
    ...{ state: state as 'done', from: index / 100, to: (index + 1) / 100 },
  }))
  const row = { kind: 'chain' as const, place: 0, layer: 0, name: 'only', bars }
  const joined = together({ rows: [row], start: 0, end: 100 }).rows[0]?.bars
  expect(joined?.map(({ state, from, to }) => [state, from, to])).toEqual([
    ['done', 0, 0.02],
    ['failed', 0.02, 0.03],
    ['done', 0.03, 0.05],
  ])
})

test('without a plan the rows are of what was seen', () => {
  expect(scheduleSeen(halfway)[0]?.chains[0]?.steps.map(({ id }) => id)).toEqual([
    '0000-001-000',
    '0000-001-001',
  ])
})
