import type { ReactNode } from 'react'
import { OpenRecording } from '@/monitor/OpenRecording'
import { RunView } from '@/monitor/RunView'
import { useRun } from '@/store/run'
import styles from '@/monitor/Lists.module.css'

interface RecordingProps {
  readonly canvas: ReactNode
  readonly onRun: (run: string) => void
}

/** A run out of a file; before one is open, the way to open one. */
export function Recording({ canvas, onRun }: RecordingProps) {
  const opened = useRun(({ source, run }) => source === 'recording' && run !== null)
  if (opened) return <RunView run={null} canvas={canvas} onRun={onRun} />
  return (
    <main className={styles.page}>
      <div className={styles.empty}>
        <h1 className={styles.title}>A recorded run</h1>
        <p>
          Open a recording, an archived run, or a trace that “regions-coordinator trace RUN --json”
          wrote. It is read here; no coordinator is needed.
        </p>
        <OpenRecording onOpened={() => undefined} />
      </div>
    </main>
  )
}
