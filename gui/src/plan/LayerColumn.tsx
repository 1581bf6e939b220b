import { useDroppable } from '@dnd-kit/core'
import { Plus, X } from 'lucide-react'
import { nameOf, type Layer } from '@/model/document'
import { addChain, removeCall } from '@/model/edits/layers'
import { ChainRow } from '@/plan/ChainRow'
import type { Target } from '@/plan/drops'
import { LayerHead } from '@/plan/LayerHead'
import { edit, useDocument } from '@/store/document'
import { useView } from '@/store/view'
import styles from '@/plan/LayerColumn.module.css'

interface LayerColumnProps {
  readonly layer: Layer
  readonly at: number
  readonly readOnly: boolean
}

/** A layer: its chains, one below another. */
export function LayerColumn({ layer, at, readOnly }: LayerColumnProps) {
  const selected = useView(
    ({ selection }) => selection.layer === layer.id && selection.chain === null,
  )
  const here: Target = { kind: 'layer', at }
  const { setNodeRef: dropLayer, isOver: isUnder } = useDroppable({
    id: `at layer ${layer.id}`,
    data: here,
    disabled: readOnly,
  })
  const below: Target = { kind: 'new-chain', layer: layer.id }
  const { setNodeRef: dropRegion, isOver } = useDroppable({
    id: `new chain ${layer.id}`,
    data: below,
    disabled: readOnly,
  })
  return (
    <div
      ref={dropLayer}
      className={styles.column}
      data-over={isUnder || undefined}
      role="group"
      aria-label={`Layer ${at + 1}`}
      data-layer={layer.id}
      data-selected={selected || undefined}
    >
      <LayerHead layer={layer} at={at} readOnly={readOnly} />
      {layer.chains.map((chain, row) => (
        <ChainRow key={chain.id} layer={layer} chain={chain} at={row} readOnly={readOnly} />
      ))}
      <LostCalls layer={layer} readOnly={readOnly} />
      {!readOnly && (
        <button
          ref={dropRegion}
          type="button"
          data-stop=""
          className={styles.more}
          data-over={isOver || undefined}
          onClick={() => edit((now) => addChain(now, layer.id))}
        >
          <Plus size={13} aria-hidden /> Chain
        </button>
      )}
    </div>
  )
}

/** Entries for regions that no chain of the layer holds: kept as they are, and shown. */
function LostCalls({ layer, readOnly }: Omit<LayerColumnProps, 'at'>) {
  const document = useDocument((state) => state.document)
  const held = new Set(layer.chains.flatMap((chain) => chain.regions))
  const lost = layer.methods.filter((call) => !held.has(call.region))
  if (lost.length === 0) return null
  return (
    <div className={styles.lost}>
      <span>Never runs here:</span>
      {lost.map((call) => {
        const text = `${nameOf(document, call.region)}.${call.method}`
        return (
          <span key={call.id} className={styles.lostCall} data-call={call.id}>
            {text}
            {!readOnly && (
              <button
                type="button"
                data-stop=""
                className={styles.remove}
                aria-label={`Remove ${text}`}
                onClick={() => edit((now) => removeCall(now, layer.id, call.id))}
              >
                <X size={11} aria-hidden />
              </button>
            )}
          </span>
        )
      })}
    </div>
  )
}
