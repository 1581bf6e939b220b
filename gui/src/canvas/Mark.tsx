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
import type { RegionMark, StepState } from '@/canvas/marks'
import styles from '@/canvas/Mark.module.css'

const shapes: Record<StepState, LucideIcon> = {
  idle: Circle,
  queued: CircleDashed,
  waiting: Hourglass,
  running: LoaderCircle,
  retrying: RotateCw,
  done: CircleCheck,
  failed: CircleX,
}

/** A region's state in a run: a shape and a colour of its own for each, and figures. */
export function Mark({ mark }: { mark: RegionMark }) {
  const Shape = shapes[mark.state]
  return (
    <div className={styles.mark} data-state={mark.state}>
      <Shape size={13} className={styles.shape} aria-hidden />
      <span className={styles.text}>{mark.text}</span>
      <span className={styles.figures}>{mark.figures}</span>
    </div>
  )
}
