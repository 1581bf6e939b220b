import { useDroppable } from '@dnd-kit/core'
import { Plus } from 'lucide-react'
import { regionList, type Chain, type Layer } from '@/model/document'
import { putInChain } from '@/model/edits/layers'
import type { Target } from '@/plan/drops'
import { Member } from '@/plan/Member'
import { edit, useDocument } from '@/store/document'
import { select, useView } from '@/store/view'
import { Menu } from '@/ui/Menu'
import styles from '@/plan/ChainRow.module.css'

interface ChainRowProps {
  readonly layer: Layer
  readonly chain: Chain
  readonly readOnly: boolean
}

/** A chain: its regions take turns, from top to bottom. */
export function ChainRow({ layer, chain, readOnly }: ChainRowProps) {
  const selected = useView((state) => state.selection.chain === chain.id)
  const end: Target = { kind: 'chain', layer: layer.id, chain: chain.id, at: chain.regions.length }
  const { setNodeRef: dropHere, isOver } = useDroppable({
    id: `end ${chain.id}`,
    data: end,
    disabled: readOnly,
  })
  return (
    <div
      className={styles.chain}
      role="group"
      aria-label={`Chain ${chain.name}`}
      data-selected={selected || undefined}
      style={{ '--chain': `var(--chain-${chain.color})` } as React.CSSProperties}
    >
      <button
        type="button"
        data-stop=""
        className={styles.name}
        onClick={() => select({ layer: layer.id, chain: chain.id })}
      >
        {chain.name}
      </button>
      {chain.regions.map((region, at) => (
        <Member
          key={`${region} ${at}`}
          layer={layer}
          chain={chain}
          region={region}
          at={at}
          readOnly={readOnly}
        />
      ))}
      {!readOnly && (
        <div ref={dropHere} className={styles.end} data-over={isOver || undefined}>
          <AddRegion layer={layer} chain={chain} />
        </div>
      )}
    </div>
  )
}

/** The regions that stand in no chain of the layer yet. */
function AddRegion({ layer, chain }: Omit<ChainRowProps, 'readOnly'>) {
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
