import type { RunStatus } from '@/model/run/events'
import { StateShape } from '@/ui/StateShape'
import { statusWords } from '@/monitor/words'
import styles from '@/monitor/StatusPill.module.css'

const interrupted = { text: 'interrupted', shape: 'waiting' } as const
const unknown = { text: 'not known', shape: 'idle' } as const

/** A run's status: shape, colour and word. */
export function StatusPill({ status, live = true }: { status: RunStatus | null; live?: boolean }) {
  const known = status ? statusWords[status] : unknown
  const { text, shape } = status === 'running' && !live ? interrupted : known
  return (
    <span className={styles.pill} data-state={shape}>
      <StateShape state={shape} size={13} />
      {text}
    </span>
  )
}
