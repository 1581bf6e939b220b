import { Plus } from 'lucide-react'
import { useDndContext } from '@dnd-kit/core'
import { layerList } from '@/model/document'
import { insertLayer } from '@/model/edits/layers'
import { LayerColumn } from '@/plan/LayerColumn'
import { Turns } from '@/plan/Turns'
import { currentDocument, edit, useDocument } from '@/store/document'
import { select } from '@/store/view'
import { Button } from '@/ui/Button'
import { Roving } from '@/ui/Roving'
import styles from '@/plan/Lanes.module.css'

/** Who does what when: layers are columns, their chains rows, regions and methods in order. */
export function Lanes({ readOnly = false }: { readonly readOnly?: boolean }) {
  const document = useDocument((state) => state.document)
  const dragging = useDndContext().active !== null
  const layers = layerList(document)
  return (
    <section className={styles.lanes} aria-label="Layers">
      <header className={styles.head}>
        <h2 className={styles.title}>Layers</h2>
        <Turns document={document} readOnly={readOnly} />
        {!readOnly && (
          <Button icon={Plus} look="quiet" onClick={appendLayer}>
            Add layer
          </Button>
        )}
      </header>
      {layers.length === 0 ? (
        <p className={styles.empty}>
          Layers run one after another. Within a layer, chains run at the same time, and the regions
          of a chain take turns.{!readOnly && ' Add a layer, then drag regions into it.'}
        </p>
      ) : (
        <Roving label="Layers, chains and methods" className={styles.columns} paused={dragging}>
          {layers.map((layer, at) => (
            <LayerColumn key={layer.id} layer={layer} at={at} readOnly={readOnly} />
          ))}
        </Roving>
      )}
    </section>
  )
}

/** A new layer behind all others, selected. */
export function appendLayer(): void {
  const { document, id } = insertLayer(currentDocument(), currentDocument().layerOrder.length)
  edit(() => document)
  select({ layer: id })
}
