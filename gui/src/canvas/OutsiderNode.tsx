import { Handle, Position, type NodeProps } from '@xyflow/react'
import { CircleHelp, Printer } from 'lucide-react'
import { memo } from 'react'
import type { OutsiderNodeType } from '@/canvas/nodes'
import styles from '@/canvas/OutsiderNode.module.css'

/** What something is connected to and no region is: the print address, or a mistaken name. */
export const OutsiderNode = memo(function OutsiderNode({ data }: NodeProps<OutsiderNodeType>) {
  const Icon = data.prints ? Printer : CircleHelp
  return (
    <div className={styles.node} data-prints={data.prints || undefined}>
      <Handle type="target" position={Position.Left} className={styles.handle ?? ''} />
      <Icon size={14} aria-hidden />
      <span className={styles.name}>{data.name}</span>
      <span className={styles.note}>{data.prints ? 'printed' : 'no region'}</span>
    </div>
  )
})
