import { expect, test } from 'vitest'
import type { Worker } from '@/api/answers'
import { withLost } from '@/store/lostWorkers'

const worker = (name: string, age: number): Worker => ({
  name,
  age,
  host: '',
  pid: 1,
  regions: [],
  roles: [],
  reading: null,
  run: null,
  resources: [],
})

const ages = (workers: readonly Worker[]) => workers.map(({ name, age }) => [name, age])

test('a worker that was late and is told of no more stays, and grows older, for a minute', () => {
  const first = withLost([worker('attic', 5)], [worker('cellar', 0.2)], 3)
  expect(ages(first)).toEqual([
    ['cellar', 0.2],
    ['attic', 8],
  ])
  expect(ages(withLost(first, [], 60))).toEqual([])
})

test('a worker that was well and is told of no more has left', () => {
  expect(withLost([worker('attic', 0.4)], [], 3)).toEqual([])
})

test('a worker that is heard of again is there once', () => {
  expect(ages(withLost([worker('attic', 9)], [worker('attic', 0.1)], 3))).toEqual([['attic', 0.1]])
})
