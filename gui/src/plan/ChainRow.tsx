import { useDraggable, useDroppable } from '@dnd-kit/core'
import { Plus } from 'lucide-react'
import { regionList, type Chain, type Layer, type Ref } from '@/model/document'
import { moveChain, putInChain, removeChain } from '@/model/edits/layers'
import type { Dragged, Target } from '@/plan/drops'
import { Member } from '@/plan/Member'
import { rowKeys } from '@/plan/rowKeys'
import { edit, useDocument } from '@/store/document'
import { select, useView } from '@/store/view'
import { Menu } from '@/ui/Menu'
import styles from '@/plan/ChainRow.module.css'

interface ChainRowProps {
  readonly layer: Layer
  readonly chain: Chain
  /** Its place among the chains of the layer. */
  readonly at: number
  readonly readOnly: boolean
}

/** A chain: its regions take turns, from top to bottom. */
export function ChainRow({ layer, chain, at, readOnly }: ChainRowProps) {
  const selected = useView((state) => state.selection.chain === chain.id)
  const here: Target = { kind: 'row', layer: layer.id, at }
  const { setNodeRef: dropChain, isOver: isUnder } = useDroppable({
    id: `at chain ${chain.id}`,
    data: here,
    disabled: readOnly,
  })
  const end: Target = { kind: 'chain', layer: layer.id, chain: chain.id, at: chain.regions.length }
  const { setNodeRef: dropRegion, isOver } = useDroppable({
    id: `end ${chain.id}`,
    data: end,
    disabled: readOnly,
  })
  return (
    <div
      ref={dropChain}
      className={styles.chain}
      data-over={isUnder || undefined}
      role="group"
      aria-label={`Chain ${chain.name}`}
      data-selected={selected || undefined}
      style={{ '--chain': `var(--chain-${chain.color})` } as React.CSSProperties}
    >
      <ChainName layer={layer} chain={chain} at={at} readOnly={readOnly} />
      {chain.regions.map((region, place) => (
        <Member
          key={`${region} ${timesBefore(chain.regions, place)}`}
          layer={layer}
          chain={chain}
          region={region}
          at={place}
          readOnly={readOnly}
        />
      ))}
      {!readOnly && (
        <div ref={dropRegion} className={styles.end} data-over={isOver || undefined}>
          <AddRegion layer={layer} chain={chain} />
        </div>
      )}
    </div>
  )
}

/** How often the region at that place stands before it: files may name it twice. */
const timesBefore = (regions: readonly Ref[], place: number) =>
  regions.slice(0, place).filter((one) => one === regions[place]).length

/** A chain's name, by which it is dragged. */
function ChainName({ layer, chain, at, readOnly }: ChainRowProps) {
  const spot = { layer: layer.id, chain: chain.id }
  const dragged: Dragged = { kind: 'chain', ...spot }
  const {
    setNodeRef: dragThis,
    attributes,
    listeners,
  } = useDraggable({ id: `chain ${chain.id}`, data: dragged, disabled: readOnly })
  const open = () => select(spot)
  const remove = () => edit((now) => removeChain(now, spot))
  const move = (step: number) => edit((now) => moveChain(now, spot, at + step))
  const otherwise = listeners?.onKeyDown
  return (
    <button
      ref={dragThis}
      {...attributes}
      {...listeners}
      onKeyDown={rowKeys({ readOnly, open, remove, move, axis: 'column', otherwise })}
      onClick={open}
      type="button"
      data-stop=""
      className={styles.name}
    >
      {chain.name}
    </button>
  )
}

/** The regions that stand in no chain of the layer yet. */
function AddRegion({ layer, chain }: Pick<ChainRowProps, 'layer' | 'chain'>) {
  const document = useDocument((state) => state.document)
  const taken = new Set(layer.chains.flatMap((one) => one.regions))
  const spot = { layer: layer.id, chain: chain.id }
  const items = regionList(document)
    .filter(({ id }) => !taken.has(id))
    .map(({ id, name }) => ({
      label: name || 'no name',
      run: () => edit((now) => putInChain(now, id, spot)),
    }))
  return (
    <Menu label={`Add a region to ${chain.name}`} items={items} stop>
      <Plus size={13} aria-hidden /> Region
    </Menu>
  )
}
