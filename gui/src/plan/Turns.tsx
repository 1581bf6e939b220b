import { ChevronRight, Plus, X } from 'lucide-react'
import type { PlanDocument, Turn } from '@/model/document'
import { addTurn, moveTurn, removeTurn } from '@/model/edits/layers'
import type { Dragged, Target } from '@/plan/drops'
import { rowKeys } from '@/plan/rowKeys'
import { useCarry } from '@/plan/useCarry'
import { edit } from '@/store/document'
import { Menu } from '@/ui/Menu'
import { Roving } from '@/ui/Roving'
import styles from '@/plan/Chip.module.css'

interface TurnsProps {
  readonly document: PlanDocument
  readonly readOnly: boolean
}

/** The order in which layers run: one may have many turns, or none. */
export function Turns({ document, readOnly }: TurnsProps) {
  const { turns, layerOrder } = document
  if (layerOrder.length === 0) return null
  const items = layerOrder.map((layer, at) => ({
    label: `Layer ${at + 1}`,
    run: () => edit((now) => addTurn(now, layer)),
  }))
  return (
    <div className={styles.turns}>
      <span className={styles.label}>Order</span>
      <Roving label="Order of the layers" className={styles.chips}>
        {turns.map((turn, at) => (
          <TurnChip
            key={turn.id}
            turn={turn}
            at={at}
            number={layerOrder.indexOf(turn.layer) + 1}
            readOnly={readOnly}
          />
        ))}
      </Roving>
      {!readOnly && <Menu label="Give a layer another turn" icon={Plus} items={items} />}
    </div>
  )
}

interface TurnChipProps {
  readonly turn: Turn
  readonly at: number
  readonly number: number
  readonly readOnly: boolean
}

function TurnChip({ turn, at, number, readOnly }: TurnChipProps) {
  const dragged: Dragged = { kind: 'turn', turn: turn.id }
  const target: Target = { kind: 'turn', at }
  const { dragThis, attributes, listeners, dropHere, isOver } = useCarry(
    `turn ${turn.id}`,
    dragged,
    target,
    readOnly,
  )
  const remove = () => edit((now) => removeTurn(now, turn.id))
  const move = (step: number) => edit((now) => moveTurn(now, turn.id, at + step))
  return (
    <>
      {at > 0 && <ChevronRight size={12} aria-hidden className={styles.arrow} />}
      <span ref={dropHere} className={styles.chip} data-over={isOver || undefined}>
        <span
          ref={dragThis}
          {...attributes}
          {...listeners}
          onKeyDown={rowKeys({ readOnly, remove, move, otherwise: listeners?.onKeyDown })}
          role="button"
          className={styles.text}
          data-stop=""
          aria-label={`Turn ${at + 1}: layer ${number}`}
        >
          {number}
        </span>
        {!readOnly && (
          <button
            type="button"
            tabIndex={-1}
            className={styles.remove}
            aria-label={`Take turn ${at + 1} away`}
            onClick={remove}
          >
            <X size={11} aria-hidden />
          </button>
        )}
      </span>
    </>
  )
}
