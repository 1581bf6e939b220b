import { useState, type ReactNode } from 'react'
import styles from '@/ui/Section.module.css'

interface SectionProps {
  readonly title: string
  /** Whether it is open at first. */
  readonly open?: boolean
  /** A word beside the title: how many, or what stands. */
  readonly note?: string
  readonly children: ReactNode
}

/** A part of a form that can be folded away. */
export function Section({ title, open = true, note, children }: SectionProps) {
  const [first] = useState(open)
  return (
    <details className={styles.section} open={first}>
      <summary className={styles.title}>
        {title}
        {note && <span className={styles.note}>{note}</span>}
      </summary>
      <div className={styles.inside}>{children}</div>
    </details>
  )
}
