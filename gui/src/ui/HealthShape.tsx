import {
  Binary,
  Check,
  Cpu,
  Database,
  Hourglass,
  LoaderCircle,
  X,
  type LucideIcon,
} from 'lucide-react'
import type { HealthState, ResourceHealth } from '@/model/health'
import styles from '@/ui/HealthShape.module.css'

const kinds: Record<ResourceHealth['kind'], LucideIcon> = {
  llm: Cpu,
  embedding: Binary,
  rag: Database,
}

const shapes: Record<HealthState, LucideIcon> = {
  well: Check,
  loading: LoaderCircle,
  awaited: Hourglass,
  ill: X,
}

/** How a model or a store is: what it is, and a shape and a colour of its own for each state. */
export function HealthShape({ health }: { readonly health: ResourceHealth }) {
  const Kind = kinds[health.kind]
  const Shape = shapes[health.state]
  return (
    <span className={styles.shape} data-health={health.state} aria-hidden>
      <Kind size={13} />
      <Shape size={12} strokeWidth={2.6} />
    </span>
  )
}
