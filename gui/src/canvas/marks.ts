import type { ShapedState } from '@/ui/StateShape'

/** What a run says of a region, drawn on its node: live, or at an instant of a recorded run. */
export interface RegionMark {
  readonly state: ShapedState
  /** A few words beside the state's shape: "3.2 s", "waits for a worker". */
  readonly text: string
  /** Figures at the end of the line, such as mail that waits; "" for none. */
  readonly figures: string
}
