import type { ResourceHealth } from '@/model/health'
import { CopyButton } from '@/ui/CopyButton'
import { HealthShape } from '@/ui/HealthShape'
import styles from '@/ui/HealthNotes.module.css'

/** Which models and stores of a region are not well, and what one can do for them. */
export function HealthNotes({ healths }: { readonly healths: readonly ResourceHealth[] }) {
  const troubled = healths.filter(({ state }) => state !== 'well')
  if (troubled.length === 0) return null
  return (
    <ul className={styles.list} aria-label="What it needs and is not well">
      {troubled.map((health) => (
        <li key={`${health.kind} ${health.name}`} className={styles.note}>
          <HealthShape health={health} />
          <div className={styles.text}>
            {health.text} {health.advice}
            {health.command && (
              <>
                <code className={styles.command}>{health.command}</code>
                <CopyButton text={health.command} label="Copy the command" />
              </>
            )}
          </div>
        </li>
      ))}
    </ul>
  )
}
