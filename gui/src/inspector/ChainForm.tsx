import { useState } from 'react'
import { Trash2 } from 'lucide-react'
import { chainColorCount } from '@/model/codec/drawing'
import type { Id } from '@/model/document'
import { colorChain, renameChain } from '@/model/edits/layers'
import { deleteSelection } from '@/store/actions'
import { edit, endGesture, useDocument } from '@/store/document'
import { IconButton } from '@/ui/Button'
import { TextField } from '@/ui/Field'
import styles from '@/inspector/Form.module.css'

const colors = Array.from({ length: chainColorCount }, (_, color) => color)

/** A chain: its name, which no other of the layer has, and its colour. */
export function ChainForm({ layer, chain }: { layer: Id; chain: Id }) {
  const chains = useDocument((state) => state.document.layers[layer]?.chains)
  const [draft, setDraft] = useState<string | null>(null)
  const own = chains?.find((one) => one.id === chain)
  if (!own) return null
  const spot = { layer, chain }
  const rename = (name: string) => {
    setDraft(name)
    edit((now) => renameChain(now, spot, name), `${chain} name`)
  }
  return (
    <form className={styles.form} onSubmit={(event) => event.preventDefault()}>
      <div className={styles.head}>
        <h2 className={styles.title}>Chain</h2>
        <IconButton icon={Trash2} label="Delete the chain" onClick={deleteSelection} />
      </div>
      <TextField
        label="Name"
        value={draft ?? own.name}
        problem={draft !== null && draft !== own.name ? refusal(draft) : undefined}
        onChange={rename}
        onDone={() => {
          setDraft(null)
          endGesture()
        }}
      />
      <div role="radiogroup" aria-label="Colour" className={styles.colors}>
        {colors.map((color) => (
          <button
            key={color}
            type="button"
            role="radio"
            aria-checked={own.color === color}
            aria-label={`Colour ${color + 1}`}
            className={styles.color}
            style={{ '--chain': `var(--chain-${color})` } as React.CSSProperties}
            onClick={() => edit((now) => colorChain(now, spot, color))}
          />
        ))}
      </div>
      <p className={styles.summary}>
        Its regions take turns, in this order; the chains of a layer run at the same time.
      </p>
    </form>
  )
}

const refusal = (name: string) =>
  name.trim() === '' ? 'A chain needs a name.' : 'Another chain of this layer has that name.'
