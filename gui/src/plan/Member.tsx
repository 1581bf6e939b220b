import { useDraggable, useDroppable } from '@dnd-kit/core'
import { GripVertical, Plus } from 'lucide-react'
import { nameOf, type Chain, type Layer, type Ref } from '@/model/document'
import { addCall, putInChain, takeFromLayer } from '@/model/edits/layers'
import { CallChip } from '@/plan/CallChip'
import type { Dragged, Target } from '@/plan/drops'
import { rowKeys } from '@/plan/rowKeys'
import { useCatalog } from '@/store/catalog'
import { edit, useDocument } from '@/store/document'
import { seek, useView } from '@/store/view'
import { Menu } from '@/ui/Menu'
import { typeColor, typeIcons } from '@/ui/typeIcons'
import styles from '@/plan/Member.module.css'

interface MemberProps {
  readonly layer: Layer
  readonly chain: Chain
  readonly region: Ref
  readonly at: number
  readonly readOnly: boolean
}

/** A region in a chain, and what it does there, in order. */
export function Member(props: MemberProps) {
  const { layer, chain, region, at, readOnly } = props
  const before: Target = { kind: 'chain', layer: layer.id, chain: chain.id, at }
  const id = `before ${chain.id} ${region} ${at}`
  const { setNodeRef: dropHere, isOver } = useDroppable({ id, data: before, disabled: readOnly })
  const calls = layer.methods.filter((call) => call.region === region)
  return (
    <div ref={dropHere} className={styles.member} data-over={isOver || undefined}>
      <MemberName {...props} />
      <span className={styles.calls}>
        {calls.map((call, number) => (
          <CallChip key={call.id} layer={layer.id} call={call} at={number} readOnly={readOnly} />
        ))}
        {!readOnly && <AddCall {...props} />}
      </span>
    </div>
  )
}

function useMember(region: Ref) {
  const name = useDocument((state) => nameOf(state.document, region)) || 'no name'
  const typeName = useDocument((state) => state.document.regions[region]?.type)
  const type = useCatalog((state) => state.catalog[typeName ?? ''])
  return { name, type, stranger: typeName === undefined }
}

function MemberName({ layer, chain, region, at, readOnly }: MemberProps) {
  const { name, type, stranger } = useMember(region)
  const selected = useView((state) => state.selection.regions.includes(region))
  const dragged: Dragged = { kind: 'region', region, from: layer.id }
  const id = `member ${chain.id} ${region} ${at}`
  const {
    setNodeRef: dragThis,
    attributes,
    listeners,
  } = useDraggable({ id, data: dragged, disabled: readOnly })
  const Icon = typeIcons[type?.kind ?? 'own']
  const open = () => seek(region)
  const remove = () => edit((now) => takeFromLayer(now, region, layer.id))
  const spot = { layer: layer.id, chain: chain.id }
  const move = (step: number) =>
    edit((now) => putInChain(now, region, spot, Math.max(0, at + step)))
  return (
    <span
      ref={dragThis}
      {...attributes}
      {...listeners}
      onKeyDown={rowKeys({
        readOnly,
        remove,
        move,
        axis: 'column',
        open,
        otherwise: listeners?.onKeyDown,
      })}
      onClick={open}
      role="button"
      data-stop=""
      data-selected={selected || undefined}
      data-stranger={stranger || undefined}
      className={styles.name}
      aria-label={`${name} in ${chain.name}`}
      style={{ '--type': typeColor(type?.kind ?? 'own') } as React.CSSProperties}
    >
      {!readOnly && <GripVertical size={12} aria-hidden className={styles.grip} />}
      <Icon size={13} aria-hidden className={styles.icon} />
      <span className={styles.text}>{name}</span>
    </span>
  )
}

function AddCall({ layer, region }: MemberProps) {
  const { name, type } = useMember(region)
  if (!type) return null
  const items = type.methods.map((method) => ({
    label: method.name,
    run: () => edit((now) => addCall(now, layer.id, region, method.name)),
  }))
  return <Menu label={`Add a method to ${name}`} icon={Plus} stop items={items} />
}
