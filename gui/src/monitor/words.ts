import type { RunStatus } from '@/model/run/events'
import type { ShapedState } from '@/ui/StateShape'

interface Words {
  readonly text: string
  readonly shape: ShapedState
}

/** A run's status as people say it, and the shape that stands beside it. */
export const statusWords: Record<RunStatus, Words> = {
  starting: { text: 'starting', shape: 'queued' },
  running: { text: 'running', shape: 'running' },
  paused: { text: 'paused', shape: 'waiting' },
  succeeded: { text: 'succeeded', shape: 'done' },
  failed: { text: 'failed', shape: 'failed' },
  cancelled: { text: 'cancelled', shape: 'idle' },
  timed_out: { text: 'timed out', shape: 'failed' },
}
