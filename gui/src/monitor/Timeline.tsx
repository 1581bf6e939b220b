import { useMemo } from 'react'
import { isOver } from '@/model/run/events'
import { timelineOf } from '@/model/run/timeline'
import { Scrubber } from '@/monitor/Scrubber'
import { TimelineRow } from '@/monitor/TimelineRow'
import { useNow } from '@/ui/useNow'
import { currentReplay, useRun } from '@/store/run'
import styles from '@/monitor/Timeline.module.css'

/** Layers, chains and steps over time; what has not run stands there as a ghost. */
export function Timeline() {
  const { schedule, first, view, cursor } = useRun()
  // The bars are those of the newest instant; only the cursor goes back.
  const count = useRun((state) => state.count)
  const newest = useMemo(() => currentReplay().at(count), [count])
  const goesOn = newest.started !== null && !isOver(newest.status)
  const now = useNow(100, goesOn)
  const until = newest.ended ?? (goesOn ? Math.max(now, newest.at) : newest.at)
  const timeline = useMemo(
    () => (schedule ? timelineOf(schedule, newest, until, first) : null),
    [schedule, newest, until, first],
  )
  if (!timeline || newest.started === null) {
    return <p className={styles.empty}>Bars appear here as soon as the first layer starts.</p>
  }
  const { start, end, rows } = timeline
  const share = (time: number) => ((time - start) / (end - start)) * 100
  return (
    <div className={styles.timeline}>
      <Scrubber />
      <div className={styles.rows} data-testid="timeline">
        <ol className={styles.list}>
          {rows.map((row, index) => (
            <TimelineRow key={index} row={row} share={share} />
          ))}
        </ol>
        <div className={styles.field} aria-hidden>
          <div
            className={styles.cursor}
            style={{ left: `${share(cursor === null ? until : view.at)}%` }}
          />
        </div>
      </div>
    </div>
  )
}
