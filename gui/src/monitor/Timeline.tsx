import { memo, useMemo } from 'react'
import { isOver } from '@/model/run/events'
import type { Schedule } from '@/model/run/schedule'
import { timelineOf, together } from '@/model/run/timeline'
import { Scrubber } from '@/monitor/Scrubber'
import { TimelineRow } from '@/monitor/TimelineRow'
import { Roving } from '@/ui/Roving'
import { useCalm } from '@/ui/useCalm'
import { useNow } from '@/ui/useNow'
import { currentReplay, useRun } from '@/store/run'
import styles from '@/monitor/Timeline.module.css'

/** Milliseconds between two looks of the bars, however fast the run is; a long one costs more. */
const calmOf = (schedule: Schedule | null) => (stepsOf(schedule) > longSteps ? 1500 : 300)

const longSteps = 200

const stepsOf = (schedule: Schedule | null): number =>
  (schedule ?? []).flatMap(({ chains }) => chains).reduce((sum, { steps }) => sum + steps.length, 0)

/** Layers, chains and steps over time; what has not run stands there as a ghost. */
export const Timeline = memo(function Timeline() {
  const schedule = useRun((state) => state.schedule)
  const first = useRun((state) => state.first)
  const calm = useMemo(() => calmOf(schedule), [schedule])
  // The bars are those of the newest instant; only the cursor goes back.
  const count = useCalm(
    useRun((state) => state.count),
    calm,
  )
  const newest = useMemo(() => currentReplay().at(count), [count])
  const goesOn = newest.started !== null && !isOver(newest.status)
  const now = useNow(calm, goesOn)
  const until = newest.ended ?? (goesOn ? Math.max(now, newest.at) : newest.at)
  const timeline = useMemo(
    () => (schedule ? together(timelineOf(schedule, newest, until, first)) : null),
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
        <Roving label="Steps over time">
          <ol className={styles.list}>
            {rows.map((row, index) => (
              <TimelineRow key={index} row={row} start={start} share={share} />
            ))}
          </ol>
        </Roving>
        <div className={styles.field} aria-hidden>
          <Cursor until={until} share={share} />
        </div>
      </div>
    </div>
  )
})

function Cursor({ until, share }: { until: number; share: (time: number) => number }) {
  const at = useRun(({ cursor, view }) => (cursor === null ? until : view.at))
  return <div className={styles.cursor} style={{ left: `${share(at)}%` }} />
}
