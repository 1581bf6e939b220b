import { busySeconds } from '@/model/run/foldStep'
import type { StepView } from '@/model/run/view'
import { StateShape } from '@/ui/StateShape'
import { duration } from '@/ui/times'
import { useNow } from '@/ui/useNow'
import { useRun } from '@/store/run'
import styles from '@/monitor/Side.module.css'

/** A region's steps up to the instant looked at. */
export function StepList({ region }: { region: string }) {
  const { view, cursor } = useRun()
  const steps = [...view.steps.values()].filter((step) => step.region === region)
  const open = cursor === null && steps.some(({ ended }) => ended === null)
  const now = useNow(200, open)
  if (steps.length === 0) return <p className={styles.soft}>Has not had its turn yet.</p>
  return (
    <ul className={styles.list}>
      {steps.map((step) => (
        <Step key={step.id} step={step} now={open ? Math.max(now, view.at) : view.at} />
      ))}
    </ul>
  )
}

function Step({ step, now }: { step: StepView; now: number }) {
  return (
    <li className={styles.item}>
      <div className={styles.line}>
        <StateShape state={step.state} />
        <strong>{step.method}</strong>
        <span>{duration(busySeconds(step, now))}</span>
      </div>
      <p>
        {step.state}
        {step.worker && ` on ${step.worker}`}
        {step.attempt > 1 && `, try ${step.attempt}`}
        {step.message && `: ${step.message}`}
      </p>
      {step.warnings.map((warning) => (
        <p key={warning}>Warning: {warning}</p>
      ))}
    </li>
  )
}
