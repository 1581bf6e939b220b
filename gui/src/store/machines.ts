import { create } from 'zustand'
import { workers, type WorkerEntry } from '@/api/plans'

interface Machines {
  readonly workers: readonly WorkerEntry[]
  /** When they were last told of, by `performance.now()`. */
  readonly heard: number
}

/** The worker processes of the cluster, as far as a coordinator tells of them. */
export const useMachines = create<Machines>(() => ({ workers: [], heard: 0 }))

const pause = 3000

/** Keep asking who is there; returns the way to stop. A page that is hidden does not ask. */
export function watchMachines(): () => void {
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = async () => {
    if (!document.hidden) {
      const found = await workers().catch(() => [])
      if (!stopped) useMachines.setState({ workers: found, heard: performance.now() })
    }
    if (!stopped) timer = setTimeout(() => void ask(), pause)
  }
  void ask()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
