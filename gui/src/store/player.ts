import { currentReplay, seekTo, useRun } from '@/store/run'

let frame = 0

/** Replay the run from the instant looked at, `speed` times as fast as it happened; 0 stops. */
export function play(speed: number): void {
  cancelAnimationFrame(frame)
  useRun.setState({ speed })
  if (speed === 0) return
  const replay = currentReplay()
  const { cursor } = useRun.getState()
  if (cursor === null) seekTo(0)
  const begun = cursor === null ? replay.span[0] : (replay.events[cursor - 1]?.at ?? replay.span[0])
  let since: number | null = null
  const next = (now: number) => {
    if (currentReplay() !== replay) {
      play(0)
      return
    }
    since ??= now
    const time = begun + ((now - since) / 1000) * speed
    if (time >= replay.span[1]) {
      play(0)
      seekTo(null)
      return
    }
    seekTo(replay.countAt(time))
    frame = requestAnimationFrame(next)
  }
  frame = requestAnimationFrame(next)
}

/** Move the instant looked at by a number of events, and stop there. */
export function stepBy(events: number): void {
  play(0)
  const { cursor, count } = useRun.getState()
  const next = (cursor ?? count) + events
  seekTo(next >= count ? null : next)
}
