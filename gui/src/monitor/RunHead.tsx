import { Controls } from '@/monitor/Controls'
import { StatusPill } from '@/monitor/StatusPill'
import { isOver } from '@/model/run/events'
import { counted } from '@/ui/counted'
import { duration } from '@/ui/times'
import { useNow } from '@/ui/useNow'
import { useRun } from '@/store/run'
import styles from '@/monitor/RunHead.module.css'

/** Which run, how it is, and what can be done with it. */
export function RunHead({ onRun }: { onRun: (run: string) => void }) {
  const { run, view, source, cursor, answer } = useRun()
  return (
    <header className={styles.head}>
      <h1 className={styles.name}>{run ?? 'No run'}</h1>
      <StatusPill status={view.status} live={cursor !== null || answer?.live !== false} />
      {cursor !== null && <span className={styles.past}>at an earlier instant</span>}
      <Figures />
      <span className={styles.space} />
      {source === 'live' && run !== null && <Controls onRun={onRun} />}
    </header>
  )
}

function Figures() {
  const { view, schedule, cursor } = useRun()
  const goesOn = !isOver(view.status) && view.started !== null && cursor === null
  const now = useNow(200, goesOn)
  if (view.started === null) return null
  const end = view.ended ?? (goesOn ? Math.max(now, view.at) : view.at)
  const done = [...view.places.values()].filter(({ ended }) => ended !== null).length
  return (
    <p className={styles.figures}>
      <span data-testid="elapsed">{duration(end - view.started)}</span>
      <span>
        {done} of {schedule?.length ?? '?'} layers
      </span>
      <span>{counted(view.messages, 'message')}</span>
    </p>
  )
}
