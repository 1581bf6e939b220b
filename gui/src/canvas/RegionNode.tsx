import { Handle, Position, type NodeProps } from '@xyflow/react'
import { CircleAlert, Server, TriangleAlert } from 'lucide-react'
import { memo } from 'react'
import { Mark } from '@/canvas/Mark'
import type { Badge, RegionData, RegionNodeType } from '@/canvas/nodes'
import type { ResourceHealth } from '@/model/health'
import { HealthShape } from '@/ui/HealthShape'
import { typeColor, typeIcons } from '@/ui/typeIcons'
import styles from '@/canvas/RegionNode.module.css'

/** A region on the canvas: what it is, what it does, when it has its turn, what is wrong. */
export const RegionNode = memo(function RegionNode({
  id,
  data,
  selected,
}: NodeProps<RegionNodeType>) {
  return (
    <div
      className={styles.node}
      data-region={id}
      data-selected={selected || undefined}
      data-state={data.mark?.state}
      style={{ '--type': typeColor(data.kind) } as React.CSSProperties}
      role="button"
      aria-pressed={selected}
      data-problem={data.problem}
      tabIndex={data.tabStop ? 0 : -1}
    >
      <Handle type="target" position={Position.Left} className={styles.handle ?? ''} />
      <Head data={data} />
      <p className={styles.task}>{data.task || data.type}</p>
      {data.mark ? <Mark mark={data.mark} /> : <Foot data={data} />}
      {data.connects && (
        <Handle type="source" position={Position.Right} className={styles.handle ?? ''} />
      )}
    </div>
  )
})

/** What it is, what it is called, how what it needs is, and what is wrong with it. */
function Head({ data }: { data: RegionData }) {
  const Icon = typeIcons[data.kind]
  return (
    <div className={styles.head}>
      <span className={styles.icon}>
        <Icon size={14} role="img" aria-label={data.type} />
      </span>
      <span className={styles.name}>{data.name || 'no name'}</span>
      <span className={styles.marks}>
        {data.health && <HealthMark health={data.health} />}
        <ProblemMark problem={data.problem} />
      </span>
    </div>
  )
}

/** How its model or store is; the panel beside the canvas tells the rest. */
function HealthMark({ health }: { health: ResourceHealth }) {
  const words = [health.text, health.advice, health.command].filter(Boolean).join(' ')
  return (
    <span role="img" aria-label={words} title={words}>
      <HealthShape health={health} />
    </span>
  )
}

function ProblemMark({ problem }: { problem: RegionData['problem'] }) {
  if (problem === 'error')
    return <CircleAlert size={15} className={styles.error} aria-label="error" />
  if (problem === 'warning') {
    return <TriangleAlert size={15} className={styles.warning} aria-label="warning" />
  }
  return null
}

/** In which layers it runs, in their chains' colours, and where it is placed. */
function Foot({ data }: { data: RegionData }) {
  const badges = data.badges ? (JSON.parse(data.badges) as Badge[]) : []
  return (
    <div className={styles.foot}>
      {badges.slice(0, 6).map((badge) => (
        <span
          key={`${badge.layer} ${badge.chain}`}
          className={styles.badge}
          style={{ '--chain': `var(--chain-${badge.color})` } as React.CSSProperties}
          title={`layer ${badge.layer + 1}, ${badge.chain}`}
        >
          {badge.layer + 1}
        </span>
      ))}
      {badges.length > 6 && <span className={styles.more}>+{badges.length - 6}</span>}
      {badges.length === 0 && <span className={styles.more}>in no layer</span>}
      {data.placed && (
        <span className={styles.placed}>
          <Server size={11} aria-hidden /> {data.placed}
        </span>
      )}
    </div>
  )
}
