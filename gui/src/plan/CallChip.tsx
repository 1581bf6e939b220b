import { X } from 'lucide-react'
import type { Id, MethodCall } from '@/model/document'
import { moveCall, removeCall } from '@/model/edits/layers'
import type { Dragged, Target } from '@/plan/drops'
import { rowKeys } from '@/plan/rowKeys'
import { useCarry } from '@/plan/useCarry'
import { useCatalog } from '@/store/catalog'
import { edit, useDocument } from '@/store/document'
import styles from '@/plan/Chip.module.css'

interface CallChipProps {
  readonly layer: Id
  readonly call: MethodCall
  /** Its place among its region's calls. */
  readonly at: number
  readonly readOnly: boolean
}

/** A method that a region does in a layer; dragged, or moved with Shift and arrows, among its like. */
export function CallChip({ layer, call, at, readOnly }: CallChipProps) {
  const type = useDocument((state) => state.document.regions[call.region]?.type)
  const methods = useCatalog((state) => state.catalog[type ?? '']?.methods)
  const method = methods?.find(({ name }) => name === call.method)
  const dragged: Dragged = { kind: 'call', layer, region: call.region, call: call.id }
  const target: Target = { kind: 'call', layer, region: call.region, at }
  const { dragThis, attributes, listeners, dropHere, isOver } = useCarry(
    `call ${call.id}`,
    dragged,
    target,
    readOnly,
  )
  const remove = () => edit((now) => removeCall(now, layer, call.id))
  const move = (step: number) => edit((now) => moveCall(now, layer, call.id, at + step))
  return (
    <span
      ref={dropHere}
      className={styles.chip}
      data-over={isOver || undefined}
      data-unknown={(methods && !method) || undefined}
      data-call={call.id}
    >
      <span
        ref={dragThis}
        {...attributes}
        {...listeners}
        onKeyDown={rowKeys({ readOnly, remove, move, otherwise: listeners?.onKeyDown })}
        role="button"
        data-stop=""
        className={styles.text}
        title={method?.summary}
      >
        {call.method}
      </span>
      {!readOnly && (
        <button
          type="button"
          tabIndex={-1}
          className={styles.remove}
          aria-label={`Remove ${call.method}`}
          onClick={remove}
        >
          <X size={11} aria-hidden />
        </button>
      )}
    </span>
  )
}
