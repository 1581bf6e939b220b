import type { Close, Listener } from '@/api/events'
import type { Recording } from '@/model/run/recording'

/**
 * Tells a recorded run's events as a live run would: at once, or `speed` times as fast as they
 * happened. For tests and demonstrations; nothing is asked of a coordinator.
 */
export function hearRecorded(recording: Recording, listener: Listener, speed = Infinity): Close {
  const [first] = recording.events
  const timers: ReturnType<typeof setTimeout>[] = []
  listener.onLink('open')
  for (const event of recording.events) {
    const wait = (event.at - (first?.at ?? 0)) / speed
    if (wait === 0) listener.onEvent(event)
    else timers.push(setTimeout(() => listener.onEvent(event), wait * 1000))
  }
  if (timers.length === 0) listener.onLink('ended')
  return () => timers.forEach(clearTimeout)
}
