import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import { goTo } from '@/store/actions'
import { useProblems } from '@/store/problems'
import { Roving } from '@/ui/Roving'
import styles from '@/plan/Problems.module.css'

/** What is wrong with the plan, errors first; a click goes to the thing. */
export function Problems() {
  const problems = useProblems((state) => state.problems)
  if (problems.length === 0) {
    return (
      <p className={styles.none}>
        <CircleCheck size={16} aria-hidden /> The plan can run.
      </p>
    )
  }
  return (
    <Roving label="Problems" className={styles.list}>
      {problems.map(({ severity, code, message, where, place }, at) => {
        const Icon = severity === 'error' ? CircleAlert : TriangleAlert
        return (
          <button
            key={`${code} ${where} ${at}`}
            type="button"
            data-stop=""
            className={styles.problem}
            data-severity={severity}
            onClick={() => goTo(place)}
          >
            <Icon size={15} aria-label={severity} className={styles.icon} />
            <span>
              {message}
              <span className={styles.where}>{where}</span>
            </span>
          </button>
        )
      })}
    </Roving>
  )
}
