import { useState } from 'react'
import { ChevronLeft, ChevronRight, Pause, Play, Radio } from 'lucide-react'
import { Button, IconButton } from '@/ui/Button'
import { Choice } from '@/ui/Choice'
import { duration } from '@/ui/times'
import { play, stepBy } from '@/store/player'
import { seekTo, useRun } from '@/store/run'
import styles from '@/monitor/Scrubber.module.css'

const speeds = [1, 2, 10, 50].map((rate) => ({ value: String(rate), text: `${rate}×` }))

/** Goes to any instant of the run, by hand or by playing it again. */
export function Scrubber() {
  const { count, cursor, speed } = useRun()
  const [rate, setRate] = useState(1)
  const playing = speed > 0
  const changeRate = (next: number) => {
    setRate(next)
    if (playing) play(next)
  }
  return (
    <div className={styles.scrubber} role="group" aria-label="Instant of the run">
      <IconButton
        icon={playing ? Pause : Play}
        label={playing ? 'Stop the replay' : 'Replay'}
        disabled={count === 0}
        onClick={() => play(playing ? 0 : rate)}
      />
      <IconButton icon={ChevronLeft} label="One event back" onClick={() => stepBy(-1)} />
      <IconButton icon={ChevronRight} label="One event on" onClick={() => stepBy(1)} />
      <Range />
      <Choice
        label="Speed of the replay"
        value={String(rate)}
        options={speeds}
        onChange={(next) => next && changeRate(Number(next))}
      />
      <End atEnd={cursor === null} />
    </div>
  )
}

function Range() {
  const { count, cursor, view } = useRun()
  const since = view.started === null ? 0 : view.at - view.started
  const instant = `${duration(since)}, event ${view.count} of ${count}`
  return (
    <>
      <input
        className={styles.range}
        type="range"
        min={0}
        max={count}
        value={cursor ?? count}
        aria-label="Instant"
        aria-valuetext={instant}
        onChange={(event) => go(Number(event.target.value), count)}
      />
      <span className={styles.instant}>{instant}</span>
    </>
  )
}

function go(wanted: number, count: number): void {
  play(0)
  seekTo(wanted >= count ? null : wanted)
}

function End({ atEnd }: { atEnd: boolean }) {
  const live = useRun(({ source, link }) => source === 'live' && link !== 'ended')
  return (
    <Button
      icon={Radio}
      look={atEnd ? 'plain' : 'main'}
      aria-pressed={atEnd}
      onClick={() => go(0, 0)}
    >
      {live ? 'Live' : 'End'}
    </Button>
  )
}
