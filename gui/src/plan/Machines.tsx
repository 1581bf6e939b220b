import { useEffect } from 'react'
import { useDroppable } from '@dnd-kit/core'
import { Server } from 'lucide-react'
import type { Worker } from '@/api/answers'
import type { Target } from '@/plan/drops'
import { useDocument } from '@/store/document'
import { askMachines, keepAsking, useCluster } from '@/store/cluster'
import { useNow } from '@/ui/useNow'
import styles from '@/plan/Machines.module.css'

/** The worker processes that are there: a region dropped on a card is placed on it. */
export function Machines() {
  const workers = useCluster((state) => state.workers)
  useEffect(() => keepAsking(askMachines, pause), [])
  if (!workers || workers.length === 0) return null
  return (
    <div className={styles.machines} role="group" aria-label="Machines: drop a region to place it">
      {workers.map((worker) => (
        <Card key={worker.name} worker={worker} />
      ))}
    </div>
  )
}

/** Seconds between two questions who is there, and without a heartbeat that are many. */
const pause = 3
const late = 6

function Card({ worker }: { worker: Worker }) {
  const target: Target = { kind: 'machine', worker: worker.name }
  const { setNodeRef, isOver } = useDroppable({ id: `machine ${worker.name}`, data: target })
  const age = useAge(worker.age)
  const placed = useDocument(
    ({ document }) =>
      Object.values(document.placement).filter((place) => place.worker === worker.name).length,
  )
  return (
    <div
      ref={setNodeRef}
      className={styles.card}
      data-machine={worker.name}
      data-over={isOver || undefined}
    >
      <Server size={14} aria-hidden />
      <span className={styles.name}>{worker.name}</span>
      <span className={styles.age} data-late={age > late || undefined}>
        {age.toFixed(0)} s
      </span>
      {placed > 0 && <span className={styles.placed}>{placed} placed</span>}
    </div>
  )
}

/** Seconds since a worker's heartbeat: what was told, and what has passed since. */
function useAge(told: number): number {
  const asked = useCluster((state) => state.asked)
  return told + Math.max(0, useNow(1000) - asked / 1000)
}
