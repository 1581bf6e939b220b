import {
  Circle,
  CircleCheck,
  CircleDashed,
  CircleX,
  Hourglass,
  LoaderCircle,
  RotateCw,
  type LucideIcon,
} from 'lucide-react'
import states from '@/ui/State.module.css'
import styles from '@/ui/StateShape.module.css'

export type ShapedState = 'idle' | 'queued' | 'waiting' | 'running' | 'retrying' | 'done' | 'failed'

const shapes: Record<ShapedState, LucideIcon> = {
  idle: Circle,
  queued: CircleDashed,
  waiting: Hourglass,
  running: LoaderCircle,
  retrying: RotateCw,
  done: CircleCheck,
  failed: CircleX,
}

/** What a step does: a shape and a colour of its own for each state. */
export function StateShape({ state, size = 14 }: { state: ShapedState; size?: number }) {
  const Shape = shapes[state]
  const classes = `${states.state ?? ''} ${styles.shape ?? ''}`
  return <Shape size={size} className={classes} data-state={state} aria-hidden />
}
