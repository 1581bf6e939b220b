import type { Worker } from '@/api/answers'
import { livenessOf, type Liveness } from '@/model/run/liveness'
import { ResourceTable } from '@/monitor/ResourceTable'
import { StateShape, type ShapedState } from '@/ui/StateShape'
import { duration } from '@/ui/times'
import { useAge } from '@/store/age'
import { useCluster, useMachinesAsked } from '@/store/cluster'
import styles from '@/monitor/Lists.module.css'

const askSeconds = 1.5

/** Who is on the cluster, how they are, what they serve, and what is waited for. */
export function Machines() {
  const { workers, resources } = useCluster()
  useMachinesAsked(true, askSeconds)
  return (
    <main className={styles.page}>
      <Head />
      {workers?.length === 0 && <Nobody />}
      <ul className={styles.cards}>
        {workers?.map((worker) => (
          <Card key={`${worker.name} ${worker.run ?? ''}`} worker={worker} />
        ))}
      </ul>
      {resources && resources.length > 0 && <ResourceTable resources={resources} />}
    </main>
  )
}

function Head() {
  const { problem, health } = useCluster()
  const cluster = health?.mode === 'cluster'
  const trouble = problem?.message ?? (health?.status === 'unavailable' ? health.message : '')
  return (
    <>
      <header className={styles.head}>
        <h1 className={styles.title}>Machines</h1>
        <span className={styles.soft}>
          {health && (cluster ? health.broker : 'no cluster: each run has its own workers')}
        </span>
      </header>
      {trouble && <p className={styles.problem}>{trouble}</p>}
    </>
  )
}

function Nobody() {
  const embedded = useCluster((state) => state.health?.mode === 'embedded')
  return (
    <p className={styles.empty}>
      {embedded
        ? 'No worker now. A run started here brings its own.'
        : 'No worker has joined. Start one on any machine: regions-worker --region NAME'}
    </p>
  )
}

const shapes: Record<Liveness, ShapedState> = { live: 'done', late: 'waiting', lost: 'failed' }
const sayings: Record<Liveness, string> = {
  live: 'live',
  late: 'heartbeat is late',
  lost: 'not heard of',
}

/** A worker. Its heartbeat's age grows here, whether or not the coordinator can be asked. */
function Card({ worker }: { worker: Worker }) {
  const age = useAge(worker, 250)
  const liveness = livenessOf(age)
  const labels = Object.entries(worker.labels ?? {}).map(([label, value]) => `${label}=${value}`)
  return (
    <li className={styles.card} data-liveness={liveness}>
      <div className={styles.line}>
        <StateShape state={shapes[liveness]} />
        <h2 className={styles.name}>{worker.name}</h2>
        <span className={styles.age}>{duration(age)} ago</span>
      </div>
      <p className={styles.soft}>
        {[worker.host, sayings[liveness], ...worker.roles].filter(Boolean).join(' · ')}
      </p>
      <Chips title="Regions" names={worker.regions} />
      <Chips title="Pools" names={worker.pools ?? []} />
      <Chips title="Labels" names={labels} />
      {worker.run && (
        <p>
          works for <a href={`#/runs/${encodeURIComponent(worker.run)}`}>{worker.run}</a>
        </p>
      )}
    </li>
  )
}

function Chips({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <div className={styles.named}>
      <span className={styles.soft}>{title}</span>
      <ul className={styles.chips} aria-label={title}>
        {names.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </div>
  )
}
