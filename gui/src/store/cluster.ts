import { useEffect } from 'react'
import { create } from 'zustand'
import type { Health, RunRow, Worker } from '@/api/answers'
import { ApiProblem } from '@/api/http'
import * as api from '@/api/runs'
import type { Resource } from '@/model/health'
import { withLost } from '@/store/lostWorkers'

/** What is on the cluster, as it was when last asked; workers that were lost are among them. */
interface Cluster {
  readonly health: Health | null
  readonly workers: readonly Worker[] | null
  readonly resources: readonly Resource[] | null
  readonly runs: readonly RunRow[] | null
  /** When workers and resources were asked for, by this browser's clock in milliseconds. */
  readonly asked: number
  readonly problem: ApiProblem | null
}

export const useCluster = create<Cluster>(() => ({
  health: null,
  workers: null,
  resources: null,
  runs: null,
  asked: 0,
  problem: null,
}))

/** Ask what machines there are, and what they serve. */
export async function askMachines(): Promise<void> {
  await taking(async () => {
    const [health, workers, resources] = await Promise.all([
      api.health(),
      api.workers(),
      api.resources(),
    ])
    const before = useCluster.getState()
    const asked = Date.now()
    const known = withLost(before.workers ?? [], workers, (asked - before.asked) / 1000)
    return { health, workers: known, resources, asked }
  })
}

export async function askRuns(): Promise<void> {
  await taking(async () => ({ runs: await api.runs() }))
}

async function taking(ask: () => Promise<Partial<Cluster>>): Promise<void> {
  try {
    useCluster.setState({ ...(await ask()), problem: null })
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error
    useCluster.setState({ problem: error })
  }
}

/** Ask again and again while somebody looks; gives back what stops it. */
export function keepAsking(ask: () => Promise<void>, seconds: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false
  const again = async () => {
    if (!document.hidden) await ask()
    if (!over) timer = setTimeout(() => void again(), seconds * 1000)
  }
  void again()
  return () => {
    over = true
    clearTimeout(timer)
  }
}

/** Keep asking what machines there are while the component is on the screen and `wanted`. */
export function useMachinesAsked(wanted = true, seconds = 3): void {
  useEffect(() => (wanted ? keepAsking(askMachines, seconds) : undefined), [wanted, seconds])
}
