import { useDraggable } from '@dnd-kit/core'
import { Ellipsis } from 'lucide-react'
import type { Layer } from '@/model/document'
import { addTurn, insertLayer, moveLayer, removeLayer } from '@/model/edits/layers'
import type { Dragged } from '@/plan/drops'
import { rowKeys } from '@/plan/rowKeys'
import { edit, useDocument } from '@/store/document'
import { select } from '@/store/view'
import { Menu, type MenuItem } from '@/ui/Menu'
import styles from '@/plan/LayerColumn.module.css'

interface LayerHeadProps {
  readonly layer: Layer
  readonly at: number
  readonly readOnly: boolean
}

/** A layer's title, by which it is dragged, and what can be done with it. */
export function LayerHead({ layer, at, readOnly }: LayerHeadProps) {
  const { id } = layer
  const turns = useDocument(
    ({ document }) => document.turns.filter((turn) => turn.layer === id).length,
  )
  const dragged: Dragged = { kind: 'layer', layer: id }
  const {
    setNodeRef: dragThis,
    attributes,
    listeners,
  } = useDraggable({ id: `layer ${id}`, data: dragged, disabled: readOnly })
  const open = () => select({ layer: id })
  const remove = () => edit((now) => removeLayer(now, id))
  const move = (step: number) => edit((now) => moveLayer(now, id, at + step))
  return (
    <header className={styles.head}>
      <button
        ref={dragThis}
        {...attributes}
        {...listeners}
        onKeyDown={rowKeys({ readOnly, open, remove, move, otherwise: listeners?.onKeyDown })}
        onClick={open}
        type="button"
        data-stop=""
        className={styles.title}
      >
        Layer {at + 1}
      </button>
      <span className={styles.turns}>{turnsText(turns)}</span>
      {!readOnly && (
        <Menu label={`Edit layer ${at + 1}`} icon={Ellipsis} items={layerItems(layer, at)} stop />
      )}
    </header>
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
