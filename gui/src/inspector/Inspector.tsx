import { ChainForm } from '@/inspector/ChainForm'
import { ConnectionForm } from '@/inspector/ConnectionForm'
import { LayerForm } from '@/inspector/LayerForm'
import { ManyForm } from '@/inspector/ManyForm'
import { RegionForm } from '@/inspector/RegionForm'
import { useDocument } from '@/store/document'
import { useView } from '@/store/view'
import styles from '@/inspector/Form.module.css'

/** The form of what is selected. */
export function Inspector() {
  const { regions, connections, layer, chain } = useView((state) => state.selection)
  const document = useDocument((state) => state.document)
  const found = regions.flatMap((id) => document.regions[id] ?? [])
  const [first] = found
  const [connection] = connections
  if (first && found.length === 1 && connections.length === 0) {
    return <RegionForm key={first.id} region={first} />
  }
  if (found.length + connections.length > 1) {
    return <ManyForm regions={found} connections={connections.length} />
  }
  if (connection !== undefined) return <ConnectionForm key={connection} id={connection} />
  if (layer !== null && chain !== null) return <ChainForm key={chain} layer={layer} chain={chain} />
  if (layer !== null) return <LayerForm key={layer} id={layer} />
  return (
    <p className={styles.nothing}>
      Select a region, a connection, a layer or a chain to see and change what it says.
    </p>
  )
}
