import { useDroppable } from '@dnd-kit/core'
import { Server } from 'lucide-react'
import type { Worker } from '@/api/answers'
import { livenessOf } from '@/model/run/liveness'
import type { Target } from '@/plan/drops'
import { useDocument } from '@/store/document'
import { useAge } from '@/store/age'
import { useCluster } from '@/store/cluster'
import { useView } from '@/store/view'
import styles from '@/plan/Machines.module.css'

/** Workers that outlast a run: a region dropped on a card is placed on it. */
export function Machines() {
  const workers = useCluster((state) => state.workers)
  const lasting = workers?.filter(({ run }) => run === null) ?? []
  if (lasting.length === 0) return null
  return (
    <div className={styles.machines} role="group" aria-label="Machines: drop a region to place it">
      {lasting.map((worker) => (
        <Card key={worker.name} worker={worker} />
      ))}
    </div>
  )
}

function Card({ worker }: { worker: Worker }) {
  const target: Target = { kind: 'machine', worker: worker.name }
  const { setNodeRef, isOver } = useDroppable({ id: `machine ${worker.name}`, data: target })
  const hovered = useView((state) => state.machine === worker.name)
  const age = useAge(worker, 1000)
  const placed = useDocument(
    ({ document }) =>
      Object.values(document.placement).filter((place) => place.worker === worker.name).length,
  )
  return (
    <div
      ref={setNodeRef}
      className={styles.card}
      data-machine={worker.name}
      data-over={isOver || hovered || undefined}
    >
      <Server size={14} aria-hidden />
      <span className={styles.name}>{worker.name}</span>
      <span className={styles.age} data-liveness={livenessOf(age)}>
        {age.toFixed(0)} s
      </span>
      {placed > 0 && <span className={styles.placed}>{placed} placed</span>}
    </div>
  )
}
