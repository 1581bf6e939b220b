import { useState } from 'react'
import { useDraggable } from '@dnd-kit/core'
import { CircleAlert, Search, TriangleAlert } from 'lucide-react'
import { regionList, type Region } from '@/model/document'
import type { Dragged } from '@/plan/drops'
import { rowKeys } from '@/plan/rowKeys'
import { deleteSelection } from '@/store/actions'
import { useCatalog } from '@/store/catalog'
import { useDocument } from '@/store/document'
import { useProblems } from '@/store/problems'
import { seek, select, useView } from '@/store/view'
import { Roving } from '@/ui/Roving'
import { typeColor, typeIcons } from '@/ui/typeIcons'
import styles from '@/plan/RegionList.module.css'

/** All regions, and those of them whose name, type or task holds what is searched for. */
export function RegionList() {
  const document = useDocument((state) => state.document)
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const all = regionList(document)
  const found = all.filter(({ name, type, task }) =>
    [name, type, task].some((text) => text.toLowerCase().includes(wanted)),
  )
  return (
    <section className={styles.regions} aria-label="Regions">
      <label className={styles.search}>
        <Search size={14} aria-hidden />
        <input
          type="search"
          id="region-search"
          aria-label="Search regions"
          placeholder={`Search ${all.length} regions`}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </label>
      <Roving label="Regions" className={styles.list}>
        {found.map((region) => (
          <Row key={region.id} region={region} />
        ))}
        {found.length === 0 && (
          <p className={styles.none}>{wanted ? 'None found.' : 'No regions yet.'}</p>
        )}
      </Roving>
    </section>
  )
}

function Row({ region }: { region: Region }) {
  const { id, name, type } = region
  const kind = useCatalog((state) => state.catalog[type]?.kind ?? 'own')
  const selected = useView((state) => state.selection.regions.includes(id))
  const problem = useProblems((state) => state.marks[id])
  const dragged: Dragged = { kind: 'region', region: id, from: null }
  const {
    setNodeRef: dragThis,
    attributes,
    listeners,
  } = useDraggable({ id: `region ${id}`, data: dragged })
  const Icon = typeIcons[kind]
  const remove = () => {
    select({ regions: [id] })
    deleteSelection()
  }
  const open = () => seek(id)
  return (
    <div
      ref={dragThis}
      {...attributes}
      {...listeners}
      onKeyDown={rowKeys({ readOnly: false, remove, open, otherwise: listeners?.onKeyDown })}
      onClick={open}
      role="button"
      aria-pressed={selected}
      data-stop=""
      className={styles.row}
      style={{ '--type': typeColor(kind) } as React.CSSProperties}
    >
      <Icon size={14} aria-hidden className={styles.icon} />
      <span className={styles.name}>{name || 'no name'}</span>
      {problem === 'error' && <CircleAlert size={13} className={styles.error} aria-label="error" />}
      {problem === 'warning' && (
        <TriangleAlert size={13} className={styles.warning} aria-label="warning" />
      )}
    </div>
  )
}
