import { isOver } from '@/model/run/events'
import { stillWaiting, type Wait } from '@/model/run/waits'
import { CopyButton } from '@/ui/CopyButton'
import { StateShape } from '@/ui/StateShape'
import { duration } from '@/ui/times'
import { useRun } from '@/store/run'
import styles from '@/monitor/Side.module.css'

/** What the run waits for now, since when, and what one can do about it. */
export function Waits() {
  const answer = useRun((state) => state.answer)
  const cursor = useRun((state) => state.cursor)
  const status = useRun((state) => state.status)
  const view = useRun((state) => state.view)
  const waits = stillWaiting(answer?.waits ?? [], view)
  const over = status !== null && isOver(status)
  if (waits.length === 0 || cursor !== null || over) return null
  return (
    <>
      <h3 className={styles.part}>Waits</h3>
      <ul className={styles.list}>
        {waits.map((wait) => (
          <WaitItem key={`${wait.kind} ${wait.what}`} wait={wait} />
        ))}
      </ul>
    </>
  )
}

function WaitItem({ wait }: { wait: Wait }) {
  return (
    <li className={styles.item}>
      <div className={styles.line}>
        <StateShape state={wait.worker === null ? 'waiting' : 'running'} />
        <strong>{wait.what}</strong>
        <span>{duration(wait.since)}</span>
      </div>
      <p>waits for {wait.waits_for}</p>
      {wait.todo && (
        <>
          <code className={styles.code}>{wait.todo}</code>
          <CopyButton text={wait.todo} label="Copy the command" />
        </>
      )}
    </li>
  )
}
