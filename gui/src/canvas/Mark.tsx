import type { RegionMark } from '@/canvas/marks'
import states from '@/ui/State.module.css'
import { StateShape } from '@/ui/StateShape'
import styles from '@/canvas/Mark.module.css'

/** A region's state in a run: a shape and a colour of its own for each, and figures. */
export function Mark({ mark }: { mark: RegionMark }) {
  return (
    <div className={`${states.state ?? ''} ${styles.mark ?? ''}`} data-state={mark.state}>
      <StateShape state={mark.state} size={13} />
      <span className={styles.text} title={mark.text}>
        {mark.text}
      </span>
      <span className={styles.figures}>{mark.figures}</span>
    </div>
  )
}
