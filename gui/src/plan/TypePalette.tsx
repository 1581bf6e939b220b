import { addRegionOfType } from '@/store/actions'
import { useCatalog } from '@/store/catalog'
import { typeFormat } from '@/ui/dragFormats'
import { Roving } from '@/ui/Roving'
import { typeColor, typeIcons } from '@/ui/typeIcons'
import styles from '@/plan/TypePalette.module.css'

/** The region types: a click adds one, dragging places it. */
export function TypePalette() {
  const catalog = useCatalog((state) => state.catalog)
  const types = Object.values(catalog).filter((type) => type.offered)
  return (
    <section aria-label="Region types">
      <h2 className={styles.title}>Add a region</h2>
      <Roving label="Region types" className={styles.types}>
        {types.map(({ name, kind, summary }) => {
          const Icon = typeIcons[kind]
          return (
            <button
              key={name}
              type="button"
              data-stop=""
              draggable
              className={styles.type}
              title={summary}
              style={{ '--type': typeColor(kind) } as React.CSSProperties}
              onDragStart={(event) => event.dataTransfer.setData(typeFormat, name)}
              onClick={() => addRegionOfType(name)}
            >
              <Icon size={15} aria-hidden className={styles.icon} />
              {name}
            </button>
          )
        })}
      </Roving>
    </section>
  )
}
