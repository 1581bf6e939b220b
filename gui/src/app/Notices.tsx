import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { putAway, useView } from '@/store/view'
import { IconButton } from '@/ui/Button'
import styles from '@/app/Notices.module.css'

/** What happened, until it is put away. */
export function Notices() {
  const notices = useView((state) => state.notices)
  return (
    <div className={styles.notices} role="status">
      {notices.map(({ id, kind, text, details }) => (
        <div key={id} className={styles.notice} data-kind={kind}>
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
      ))}
    </div>
  )
}
