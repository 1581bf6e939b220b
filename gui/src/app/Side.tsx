import { Inspector } from '@/inspector/Inspector'
import { PlanForm } from '@/inspector/PlanForm'
import { Problems } from '@/plan/Problems'
import { useProblems } from '@/store/problems'
import { showSide, useView } from '@/store/view'
import { Tabs } from '@/ui/Tabs'
import styles from '@/app/Side.module.css'

/** On the right: the form of what is selected, the plan's own settings, and the problems. */
export function Side() {
  const side = useView((state) => state.side)
  const count = useProblems((state) => state.problems.length)
  return (
    <aside className={styles.side} aria-label="Details">
      <Tabs
        id="side"
        label="Details"
        value={side}
        onChange={showSide}
        tabs={[
          { value: 'selection', text: 'Selection' },
          { value: 'plan', text: 'Plan' },
          { value: 'problems', text: 'Problems', count },
        ]}
      />
      <div
        className={styles.inside}
        id="side-panel"
        role="tabpanel"
        aria-labelledby={`side-${side}`}
      >
        {side === 'selection' && <Inspector />}
        {side === 'plan' && <PlanForm />}
        {side === 'problems' && <Problems />}
      </div>
    </aside>
  )
}
