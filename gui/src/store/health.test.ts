import { beforeEach, expect, test } from 'vitest'
import type { Health } from '@/api/answers'
import { ApiProblem } from '@/api/http'
import type { Resource } from '@/model/health'
import { useCluster } from '@/store/cluster'
import { useHealths } from '@/store/health'

const ill: Resource = {
  ...{ kind: 'llm', name: 'default', worker: 'nas-1', host: 'nas', model: '', slots: 1 },
  ...{ in_use: 0, queue: 0, health: 'error', tokens_per_second: null },
}

const coordinator = (mode: Health['mode']): Health => ({
  ...{ status: 'ok', version: '1', mode, broker: null, message: '', folder: '' },
})

const states = () => [...useHealths.getState().healths.values()].map(({ state }) => state)

beforeEach(() => useCluster.setState({ health: null, resources: null, problem: null }))

test('what workers of the cluster lend is watched, and drawn anew only when it changes', () => {
  useCluster.setState({ health: coordinator('cluster'), resources: [ill] })
  expect(states()).toEqual(['ill'])
  const before = useHealths.getState()
  useCluster.setState({ resources: [{ ...ill, queue: 3 }], asked: 1 })
  expect(useHealths.getState()).toBe(before)
  useCluster.setState({ resources: [{ ...ill, health: 'ok' }] })
  expect(states()).toEqual(['well'])
})

test('without a cluster nothing is said: a run brings its own model', () => {
  useCluster.setState({ health: coordinator('embedded'), resources: [ill] })
  expect(states()).toEqual([])
})

test('what was known is forgotten while the coordinator cannot be asked', () => {
  useCluster.setState({ health: coordinator('cluster'), resources: [ill] })
  useCluster.setState({ problem: new ApiProblem(0, 'unavailable', 'away') })
  expect(states()).toEqual([])
})
