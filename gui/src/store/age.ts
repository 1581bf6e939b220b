import type { Worker } from '@/api/answers'
import { useCluster } from '@/store/cluster'
import { useNow } from '@/ui/useNow'

/** Seconds since a worker's heartbeat: what was told, and what has passed since; anew each `every` ms. */
export function useAge(worker: Worker, every: number): number {
  const asked = useCluster((state) => state.asked)
  return worker.age + Math.max(0, useNow(every) - asked / 1000)
}
