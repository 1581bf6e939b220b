import { useMemo } from 'react'
import { MessageFilters } from '@/monitor/MessageFilters'
import { MessageRows } from '@/monitor/MessageRows'
import { isFiltering, passes, type TraceFilter } from '@/model/run/traceFilter'
import { allMessages, useRun } from '@/store/run'
import styles from '@/monitor/Messages.module.css'

/** Every message up to the instant looked at, newest first. */
export function Messages() {
  const { view, filter, message } = useRun()
  const found = useMemo(() => matching(view.messages, filter), [view.messages, filter])
  return (
    <div className={styles.messages}>
      <MessageFilters shown={found.length} all={view.messages} />
      {found.length === 0 ? (
        <p className={styles.empty}>
          {isFiltering(filter) ? 'No message is like that.' : 'No message yet.'}
        </p>
      ) : (
        <MessageRows found={found} reading={message} start={view.started ?? 0} />
      )}
    </div>
  )
}

/** Numbers of the messages that pass, newest first. */
function matching(seen: number, filter: TraceFilter): number[] {
  return allMessages()
    .slice(0, seen)
    .flatMap((message, index) => (passes(message, filter) ? index : []))
    .reverse()
}
