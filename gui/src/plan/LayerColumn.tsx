import { useDroppable } from '@dnd-kit/core'
import { Ellipsis, Plus, X } from 'lucide-react'
import { nameOf, type Layer } from '@/model/document'
import {
  addChain,
  addTurn,
  insertLayer,
  moveLayer,
  removeCall,
  removeLayer,
} from '@/model/edits/layers'
import { ChainRow } from '@/plan/ChainRow'
import type { Target } from '@/plan/drops'
import { edit, useDocument } from '@/store/document'
import { select, useView } from '@/store/view'
import { Menu, type MenuItem } from '@/ui/Menu'
import styles from '@/plan/LayerColumn.module.css'

interface LayerColumnProps {
  readonly layer: Layer
  readonly at: number
  readonly readOnly: boolean
}

/** A layer: its chains, one below another. */
export function LayerColumn({ layer, at, readOnly }: LayerColumnProps) {
  const turns = useDocument(
    ({ document }) => document.turns.filter((turn) => turn.layer === layer.id).length,
  )
  const selected = useView(
    ({ selection }) => selection.layer === layer.id && selection.chain === null,
  )
  const target: Target = { kind: 'new-chain', layer: layer.id }
  const { setNodeRef: dropHere, isOver } = useDroppable({
    id: `new chain ${layer.id}`,
    data: target,
    disabled: readOnly,
  })
  return (
    <div
      className={styles.column}
      role="group"
      aria-label={`Layer ${at + 1}`}
      data-layer={layer.id}
      data-selected={selected || undefined}
    >
      <header className={styles.head}>
        <button
          type="button"
          data-stop=""
          className={styles.title}
          onClick={() => select({ layer: layer.id })}
        >
          Layer {at + 1}
        </button>
        <span className={styles.turns}>{turnsText(turns)}</span>
        {!readOnly && (
          <Menu label={`Edit layer ${at + 1}`} icon={Ellipsis} items={layerItems(layer, at)} stop />
        )}
      </header>
      {layer.chains.map((chain) => (
        <ChainRow key={chain.id} layer={layer} chain={chain} readOnly={readOnly} />
      ))}
      <LostCalls layer={layer} readOnly={readOnly} />
      {!readOnly && (
        <button
          ref={dropHere}
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

function turnsText(turns: number): string {
  if (turns === 1) return ''
  return turns === 0 ? 'no turn' : `${turns} turns`
}

function layerItems({ id }: Layer, at: number): MenuItem[] {
  return [
    { label: 'Insert a layer before', run: () => edit((now) => insertLayer(now, at).document) },
    { label: 'Insert a layer after', run: () => edit((now) => insertLayer(now, at + 1).document) },
    {
      label: 'Move left',
      disabled: at === 0,
      run: () => edit((now) => moveLayer(now, id, at - 1)),
    },
    { label: 'Move right', run: () => edit((now) => moveLayer(now, id, at + 1)) },
    { label: 'Give it another turn', run: () => edit((now) => addTurn(now, id)) },
    { label: 'Delete the layer', run: () => edit((now) => removeLayer(now, id)) },
  ]
}
