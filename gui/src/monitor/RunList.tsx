import { useEffect, useState } from 'react'
import type { RunRow } from '@/api/answers'
import { runStatuses, type RunStatus } from '@/model/run/events'
import { OpenRecording } from '@/monitor/OpenRecording'
import { StatusPill } from '@/monitor/StatusPill'
import { statusWords } from '@/monitor/words'
import { Choice } from '@/ui/Choice'
import { SearchBox } from '@/ui/SearchBox'
import { dayAndTime, duration } from '@/ui/times'
import { askRuns, keepAsking, useCluster } from '@/store/cluster'
import styles from '@/monitor/Lists.module.css'

const askSeconds = 2

interface RunListProps {
  /** Called once a file's run stands in the store. */
  readonly onRecording: () => void
}

/** The coordinator's runs, newest first. */
export function RunList({ onRecording }: RunListProps) {
  const { runs, problem } = useCluster()
  const [status, setStatus] = useState<RunStatus | null>(null)
  const [text, setText] = useState('')
  useEffect(() => keepAsking(askRuns, askSeconds), [])
  const wanted = text.trim().toLowerCase()
  const shown = (runs ?? []).filter(
    (row) => (status === null || row.status === status) && row.run.toLowerCase().includes(wanted),
  )
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <h1 className={styles.title}>Runs</h1>
        <SearchBox label="Search runs" value={text} onChange={setText} />
        <Choice
          label="Status"
          value={status}
          options={runStatuses.map((one) => ({ value: one, text: statusWords[one].text }))}
          none="Status: any"
          onChange={setStatus}
        />
        <OpenRecording onOpened={onRecording} />
      </header>
      {problem && <p className={styles.problem}>{problem.message}</p>}
      {runs && shown.length > 0 && <RunTable rows={shown} />}
      {runs && shown.length === 0 && (
        <p className={styles.empty}>
          {runs.length === 0
            ? 'No run yet. Open a plan or a template, and press Run.'
            : 'No run is like that.'}
        </p>
      )}
    </main>
  )
}

function RunTable({ rows }: { rows: readonly RunRow[] }) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Run</th>
          <th scope="col">Status</th>
          <th scope="col">Layers</th>
          <th scope="col">Took</th>
          <th scope="col">Started</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.run}>
            <td>
              <a href={`#/runs/${encodeURIComponent(row.run)}`}>{row.run}</a>
              {row.parent && <span className={styles.soft}> from {row.parent}</span>}
              {row.archived && <span className={styles.soft}> archived</span>}
            </td>
            <td>
              <StatusPill status={row.status} live={row.live} />
            </td>
            <td className={styles.figure}>
              {row.layers_done ?? '?'} of {row.layers ?? '?'}
            </td>
            <td className={styles.figure}>{row.seconds === null ? '' : duration(row.seconds)}</td>
            <td className={styles.soft}>{row.started === null ? '' : dayAndTime(row.started)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
