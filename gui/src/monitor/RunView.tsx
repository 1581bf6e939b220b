import { useEffect, type ReactNode } from 'react'
import { Dock } from '@/monitor/Dock'
import { RunHead } from '@/monitor/RunHead'
import { Side } from '@/monitor/Side'
import { leave, useRun, watch } from '@/store/run'
import styles from '@/monitor/RunView.module.css'

interface RunViewProps {
  /** The run to watch; null for the one that was opened out of a file. */
  readonly run: string | null
  /** The plan as a graph, with the run's marks and traffic. */
  readonly canvas: ReactNode
  /** Go to another run. */
  readonly onRun: (run: string) => void
}

/** A run, live or at any instant of it: its graph, what it did when, its messages and answers. */
export function RunView({ run, canvas, onRun }: RunViewProps) {
  useEffect(() => {
    if (run === null) return
    watch(run)
    return leave
  }, [run])
  return (
    <main className={styles.page}>
      <RunHead onRun={onRun} />
      <Tidings />
      <div className={styles.canvas}>{canvas}</div>
      <Side onRun={onRun} />
      <Dock />
    </main>
  )
}

/** What is wrong, what goes on before the run has begun, and whether something is missing. */
function Tidings() {
  const problem = useRun((state) => state.problem)
  const notice = useRun((state) => state.notice)
  const missing = useRun((state) => state.missing)
  const link = useRun((state) => state.link)
  const away = link === 'lost'
  const text = problem?.message ?? (away ? 'The coordinator is away. Trying again…' : notice)
  const kind = problem ? 'problem' : away ? 'away' : 'notice'
  return (
    <div className={styles.tidings} role="status">
      {text && <p data-kind={kind}>{text}</p>}
      {missing && <p data-kind="away">{missing}</p>}
    </div>
  )
}
