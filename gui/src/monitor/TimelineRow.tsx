import type { Bar, Row } from '@/model/run/timeline'
import { duration } from '@/ui/times'
import { seekTime, selectOnCanvas, useRun } from '@/store/run'
import styles from '@/monitor/Timeline.module.css'

/** Parts grow by milliseconds: shares that come to less than 1 would leave a gap. */
const milliseconds = 1000

interface RowProps {
  readonly row: Row
  /** When the run began. */
  readonly start: number
  /** Where a time stands, in percent of the width. */
  readonly share: (time: number) => number
}

/** A layer's turn, or one chain of it. */
export function TimelineRow({ row, start, share }: RowProps) {
  return (
    <li className={styles.row} data-kind={row.kind} data-line>
      <span className={styles.name} title={row.name}>
        {row.name}
      </span>
      <div className={styles.track}>
        {row.bars.map((bar) =>
          row.kind === 'layer' ? (
            <LayerBar key={row.place} bar={bar} start={start} share={share} />
          ) : (
            <StepBar key={bar.step} bar={bar} start={start} share={share} />
          ),
        )}
      </div>
    </li>
  )
}

interface BarProps extends Omit<RowProps, 'row'> {
  readonly bar: Bar
}

const timeOf = (bar: Bar) => (bar.state === 'ghost' ? 'has not run' : duration(bar.to - bar.from))

/** What a bar shows, in words. */
function spokenOf({ bar, start }: BarProps, label: string): string {
  if (bar.state === 'ghost') return `${label}: has not run`
  return `${label}: ${bar.state}, ${timeOf(bar)}, from ${duration(bar.from - start)} on`
}

function placeOf({ bar, share }: BarProps) {
  const left = share(bar.from)
  return { left: `${left}%`, width: `max(3px, ${share(bar.to) - left}%)` }
}

/** From this share on there may be no room for words behind where a bar begins. */
const late = 75

function LayerBar(props: BarProps) {
  const { bar, share } = props
  return (
    <span className={styles.layer} data-state={bar.state} style={placeOf(props)}>
      <span className={styles.time} data-late={share(bar.from) > late || undefined}>
        {timeOf(bar)}
      </span>
    </span>
  )
}

function StepBar(props: BarProps) {
  const { bar } = props
  const label = `${bar.region} · ${bar.method}`
  return (
    <button
      type="button"
      className={styles.bar}
      data-state={bar.state}
      style={placeOf(props)}
      data-stop=""
      aria-label={spokenOf(props, label)}
      title={spokenOf(props, label)}
      onClick={() => show(bar)}
    >
      {bar.parts.map((part, index) => (
        <span
          key={index}
          className={styles.part}
          data-state={part.state}
          style={{ flexGrow: (part.to - part.from) * milliseconds }}
        />
      ))}
      <span className={styles.label}>{label}</span>
    </button>
  )
}

/** Go to the region, and to the instant at which the bar ends. */
function show(bar: Bar): void {
  const { document } = useRun.getState()
  const region = Object.values(document?.regions ?? {}).find(({ name }) => name === bar.region)
  if (region) selectOnCanvas({ regions: [region.id], connections: [] })
  if (bar.state !== 'ghost') seekTime(bar.to)
}
