import { Copy, Trash2 } from 'lucide-react'
import type { Region } from '@/model/document'
import { deleteSelection, duplicateSelection } from '@/store/actions'
import { Button } from '@/ui/Button'
import { counted } from '@/ui/counted'
import styles from '@/inspector/Form.module.css'

interface ManyProps {
  readonly regions: readonly Region[]
  readonly connections: number
}

/** Many things at once. */
export function ManyForm({ regions, connections }: ManyProps) {
  return (
    <div className={styles.form}>
      <h2 className={styles.title}>
        {counted(regions.length, 'region')}, {counted(connections, 'connection')}
      </h2>
      <p className={styles.summary}>{regions.map(({ name }) => name || 'no name').join(', ')}</p>
      <div className={styles.actions}>
        <Button icon={Copy} disabled={regions.length === 0} onClick={duplicateSelection}>
          Duplicate
        </Button>
        <Button icon={Trash2} look="danger" onClick={deleteSelection}>
          Delete
        </Button>
      </div>
    </div>
  )
}
