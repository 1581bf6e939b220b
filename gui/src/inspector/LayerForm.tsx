import { Plus, Trash2 } from 'lucide-react'
import type { Id } from '@/model/document'
import { addChain, addTurn, insertLayer, moveLayer } from '@/model/edits/layers'
import { deleteSelection } from '@/store/actions'
import { edit, useDocument } from '@/store/document'
import { Button, IconButton } from '@/ui/Button'
import styles from '@/inspector/Form.module.css'

/** A layer: when it has its turns, and what can be done with it. */
export function LayerForm({ id }: { id: Id }) {
  const document = useDocument((state) => state.document)
  const at = document.layerOrder.indexOf(id)
  const layer = document.layers[id]
  if (!layer) return null
  const turns = document.turns.flatMap((turn, index) => (turn.layer === id ? [index + 1] : []))
  const move = (to: number) => edit((now) => moveLayer(now, id, to))
  return (
    <form className={styles.form} onSubmit={(event) => event.preventDefault()}>
      <div className={styles.head}>
        <h2 className={styles.title}>Layer {at + 1}</h2>
        <IconButton icon={Trash2} label="Delete the layer" onClick={deleteSelection} />
      </div>
      <p className={styles.summary}>
        {turns.length === 0 ? 'It has no turn, and never runs.' : `Runs at ${ordinals(turns)}.`}{' '}
        {layer.chains.length} chains, {layer.methods.length} methods.
      </p>
      <div className={styles.actions}>
        <Button icon={Plus} onClick={() => edit((now) => addChain(now, id))}>
          Chain
        </Button>
        <Button icon={Plus} onClick={() => edit((now) => addTurn(now, id))}>
          Turn
        </Button>
        <Button onClick={() => edit((now) => insertLayer(now, at).document)}>Insert before</Button>
        <Button onClick={() => edit((now) => insertLayer(now, at + 1).document)}>
          Insert after
        </Button>
        <Button disabled={at === 0} onClick={() => move(at - 1)}>
          Move left
        </Button>
        <Button disabled={at === document.layerOrder.length - 1} onClick={() => move(at + 1)}>
          Move right
        </Button>
      </div>
    </form>
  )
}

const ordinals = (turns: readonly number[]) =>
  turns.length === 1 ? `turn ${turns.join()}` : `turns ${turns.join(', ')}`
