import { ArrowRight, Trash2 } from 'lucide-react'
import { nameOf, type Id } from '@/model/document'
import { setConnectionTask } from '@/model/edits/regions'
import { deleteSelection } from '@/store/actions'
import { edit, endGesture, useDocument } from '@/store/document'
import { Button, IconButton } from '@/ui/Button'
import { TextArea } from '@/ui/Field'
import styles from '@/inspector/Form.module.css'

/** A connection: what the one region is told of the other. */
export function ConnectionForm({ id }: { id: Id }) {
  const document = useDocument((state) => state.document)
  const [from = '', to = ''] = id.split('>')
  const connection = document.regions[from]?.connections.find((one) => one.to === to)
  if (!connection) return null
  const [source, target] = [nameOf(document, from), nameOf(document, to)]
  const own = document.regions[to]?.task
  const write = (task: string, during: string | null) =>
    edit((now) => setConnectionTask(now, from, to, task), during)
  return (
    <form className={styles.form} onSubmit={(event) => event.preventDefault()}>
      <div className={styles.head}>
        <h2 className={styles.title}>Connection</h2>
        <IconButton icon={Trash2} label="Delete the connection" onClick={deleteSelection} />
      </div>
      <p className={styles.summary}>
        {source} <ArrowRight size={12} aria-label="to" /> {target}
      </p>
      <TextArea
        label={`What ${source} is told of ${target}`}
        value={connection.task}
        onChange={(task) => write(task, id)}
        onDone={endGesture}
      />
      {own !== undefined && own !== connection.task && (
        <Button onClick={() => write(own, null)}>Use the task of {target}</Button>
      )}
    </form>
  )
}
