import type { Resource } from '@/model/health'
import { StateShape, type ShapedState } from '@/ui/StateShape'
import styles from '@/monitor/Lists.module.css'

const shapes: Record<Resource['health'], ShapedState> = {
  ok: 'done',
  loading: 'waiting',
  error: 'failed',
  '': 'idle',
}

const sayings: Record<Resource['health'], string> = {
  ok: '',
  loading: '· being loaded',
  error: '· does not answer',
  '': '',
}

/** Models, embedders and stores: who serves them, how busy they are, how long their queues. */
export function ResourceTable({ resources }: { resources: readonly Resource[] }) {
  return (
    <table className={styles.table}>
      <caption className={styles.caption}>Resources</caption>
      <thead>
        <tr>
          <th scope="col">Resource</th>
          <th scope="col">Served by</th>
          <th scope="col">Busy</th>
          <th scope="col">Queue</th>
          <th scope="col">Tokens/s</th>
        </tr>
      </thead>
      <tbody>
        {resources.map((one) => (
          <Row key={`${one.kind} ${one.name} ${one.worker}`} one={one} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ one }: { one: Resource }) {
  return (
    <tr>
      <td>
        <span className={styles.line}>
          <StateShape state={shapes[one.health]} />
          <strong>{one.name}</strong>
          <span className={styles.soft}>
            {one.kind} {one.model} {sayings[one.health]}
          </span>
        </span>
      </td>
      <td>{one.worker || 'nobody: calls wait for it'}</td>
      <td className={styles.figure}>
        {one.in_use ?? '?'} of {one.slots ?? '?'}
      </td>
      <td className={styles.figure}>{one.queue ?? ''}</td>
      <td className={styles.figure}>{one.tokens_per_second?.toFixed(1) ?? ''}</td>
    </tr>
  )
}
