import { commands } from '@/app/commands'
import { keyNames } from '@/app/keyNames'
import { openWindow } from '@/store/view'
import { Dialog } from '@/ui/Dialog'
import styles from '@/app/Help.module.css'

const onCanvas: readonly (readonly [string, string])[] = [
  ['Arrows', 'Go to the next region there'],
  ['Shift+arrows', 'Move the region, or all that are selected'],
  ['Space', 'Select it too'],
  ['Enter', 'Write in its form'],
  ['Shift+drag', 'Select all within a frame'],
]

const inLanes: readonly (readonly [string, string])[] = [
  ['Arrows', 'Go from thing to thing'],
  ['Space', 'Pick a layer, chain, region, method or turn up, and put it down'],
  ['Shift+arrows', 'Move it along'],
  ['Del', 'Take it out'],
]

/** Which keys do what: the table of commands, and what keys do on the canvas and in the lanes. */
export default function Help() {
  const keyed = commands().flatMap(({ keys, title }) =>
    keys ? [[keys.map(keyNames).join(' or '), title] as const] : [],
  )
  return (
    <Dialog title="Keys" onClose={() => openWindow(null)}>
      <div className={styles.columns}>
        <Table title="Everywhere" rows={keyed} />
        <div>
          <Table title="On the canvas" rows={onCanvas} />
          <Table title="In the layers" rows={inLanes} />
        </div>
      </div>
    </Dialog>
  )
}

function Table({ title, rows }: { title: string; rows: readonly (readonly [string, string])[] }) {
  return (
    <section>
      <h3 className={styles.title}>{title}</h3>
      <dl className={styles.table}>
        {rows.map(([keys, does]) => (
          <div key={`${keys} ${does}`}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
