import { useEffect } from 'react'
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { putAway, useView, type Notice } from '@/store/view'
import { IconButton } from '@/ui/Button'
import styles from '@/app/Notices.module.css'

/** What happened, until it is put away. */
export function Notices() {
  const notices = useView((state) => state.notices)
  return (
    <div className={styles.notices} role="status">
      {notices.map((notice) => (
        <OneNotice key={notice.id} notice={notice} />
      ))}
    </div>
  )
}

/** Milliseconds for which it is told that something went well, with nothing more to read. */
const shown = 5000

function OneNotice({ notice: { id, kind, text, details } }: { notice: Notice }) {
  const brief = kind === 'done' && details.length === 0
  useEffect(() => {
    if (!brief) return
    const timer = setTimeout(() => putAway(id), shown)
    return () => clearTimeout(timer)
  }, [brief, id])
  return (
    <div className={styles.notice} data-kind={kind}>
      {kind === 'done' ? (
        <CircleCheck size={16} aria-hidden />
      ) : (
        <CircleAlert size={16} aria-hidden />
      )}
      <div className={styles.text}>
        {text}
        {details.length > 0 && (
          <ul>
            {details.map((detail) => (
              <li key={detail}>{detail}</li>
            ))}
          </ul>
        )}
      </div>
      <IconButton icon={X} label="Put away" onClick={() => putAway(id)} />
    </div>
  )
}
