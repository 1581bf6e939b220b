import { useEffect, useState } from 'react'
import { X } from 'lucide-react'
import type { Mail, RegionState } from '@/api/answers'
import { regionState } from '@/api/runs'
import { AsOfNow } from '@/monitor/AsOfNow'
import { words } from '@/monitor/problems'
import { StepList } from '@/monitor/StepList'
import { emptyDocument, type Region } from '@/model/document'
import { IconButton } from '@/ui/Button'
import { HealthNotes } from '@/ui/HealthNotes'
import { useRegionHealth } from '@/store/health'
import { goesOn, selectOnCanvas, useRun } from '@/store/run'
import styles from '@/monitor/Side.module.css'

/** A region in the run: its steps, and what it knows, is asked, and has not read. */
export function RegionPanel({ region }: { region: Region }) {
  const close = () => selectOnCanvas({ regions: [], connections: [] })
  const figures = useRun((state) => state.view.regions.get(region.name))
  return (
    <>
      <header className={styles.head}>
        <h2 className={styles.title}>{region.name}</h2>
        <IconButton icon={X} label="Back to the run" onClick={close} />
      </header>
      {region.task && <p className={styles.soft}>{region.task}</p>}
      <RegionHealth region={region} />
      <h3 className={styles.part}>
        Steps · mail: {figures?.received ?? 0} in, {figures?.sent ?? 0} out
      </h3>
      <StepList region={region.name} />
      <State region={region.name} />
    </>
  )
}

/** How its model or store is now; nothing of it at an earlier instant. */
function RegionHealth({ region }: { region: Region }) {
  const document = useRun((state) => state.document) ?? emptyDocument
  const matters = useRun((state) => goesOn(state) && state.cursor === null)
  const healths = useRegionHealth(region, document)
  return matters ? <HealthNotes healths={healths} /> : null
}

/** What it knows, is asked and has not read: always as of now, for nobody keeps what it was. */
function State({ region }: { region: string }) {
  const { run, source, cursor } = useRun()
  const done = useRun((state) => state.view.regions.get(region)?.stepsDone)
  const received = useRun((state) => state.view.regions.get(region)?.received)
  const [state, setState] = useState<RegionState | null>(null)
  const [problem, setProblem] = useState('')
  const live = source === 'live' && run !== null
  useEffect(() => {
    if (!live) return
    let over = false
    regionState(run, region).then(
      (found) => !over && setState(found),
      (error: unknown) => !over && setProblem(words(error)),
    )
    return () => {
      over = true
    }
  }, [live, run, region, done, received])
  if (!live) return null
  if (!state) return <p className={styles.soft}>{problem || 'Asking what it knows…'}</p>
  const now = cursor === null ? '' : ' now'
  return (
    <>
      <AsOfNow />
      <MailList title={`Knows${now}`} mail={state.knowledge} />
      <MailList title={`Is asked${now}`} mail={state.requests} />
      <MailList title={`Has not read${now}`} mail={state.unread} />
    </>
  )
}

function MailList({ title, mail }: { title: string; mail: readonly Mail[] }) {
  return (
    <>
      <h3 className={styles.part}>
        {title} ({mail.length})
      </h3>
      <ul className={styles.list}>
        {mail.map((one) => (
          <li key={one.id} className={styles.item}>
            <strong>{one.source}</strong>
            <p>{one.content}</p>
          </li>
        ))}
      </ul>
    </>
  )
}
