import { MessageCard } from '@/monitor/MessageCard'
import { Overview } from '@/monitor/Overview'
import { RegionPanel } from '@/monitor/RegionPanel'
import { allMessages, useRun } from '@/store/run'
import styles from '@/monitor/Side.module.css'

/** Beside the graph: the message that is read, else the selected region, else the run as a whole. */
export function Side({ onRun }: { onRun: (run: string) => void }) {
  const message = useRun((state) => state.message)
  const selection = useRun((state) => state.selection)
  const document = useRun((state) => state.document)
  const read = message === null ? undefined : allMessages()[message]
  const [id, ...more] = selection.regions
  const region = more.length === 0 && id !== undefined ? document?.regions[id] : undefined
  return (
    <aside className={styles.side} aria-label="Selected">
      {read ? (
        <MessageCard message={read} onRun={onRun} />
      ) : region ? (
        <RegionPanel key={region.id} region={region} />
      ) : (
        <Overview onRun={onRun} />
      )}
    </aside>
  )
}
