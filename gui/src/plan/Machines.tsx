import { useEffect, useState } from 'react'
import { useDroppable } from '@dnd-kit/core'
import { Server } from 'lucide-react'
import type { WorkerEntry } from '@/api/plans'
import type { Target } from '@/plan/drops'
import { useDocument } from '@/store/document'
import { useMachines, watchMachines } from '@/store/machines'
import styles from '@/plan/Machines.module.css'

/** The worker processes that are there: a region dropped on a card is placed on it. */
export function Machines() {
  const workers = useMachines((state) => state.workers)
  useEffect(watchMachines, [])
  if (workers.length === 0) return null
  return (
    <div className={styles.machines} role="group" aria-label="Machines: drop a region to place it">
      {workers.map((worker) => (
        <Card key={worker.name} worker={worker} />
      ))}
    </div>
  )
}

const late = 3

function Card({ worker }: { worker: WorkerEntry }) {
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
  const heard = useMachines((state) => state.heard)
  const [now, setNow] = useState(heard)
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return told + Math.max(0, now - heard) / 1000
}
