import type { Json } from '@/model/json'
import type { RunEvent } from '@/model/run/events'
import type { Schedule } from '@/model/run/schedule'

/** A run that can be looked at without a coordinator. */
export interface Recording {
  readonly run: string
  /** The plan as its file holds it; null where the file has none. */
  readonly plan: Json
  /** null where only the events tell what ran. */
  readonly schedule: Schedule | null
  /** The place it began at; earlier ones were run by its parent. */
  readonly first: number
  readonly events: readonly RunEvent[]
}

/** A file that holds no run that can be read: the message says what was found and expected. */
export class NotARecording extends Error {
  override name = 'NotARecording'
}
