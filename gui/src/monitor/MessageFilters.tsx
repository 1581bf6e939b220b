import { X } from 'lucide-react'
import { outcomes } from '@/model/run/events'
import { everything, isFiltering } from '@/model/run/traceFilter'
import { Button } from '@/ui/Button'
import { setFilter, useRun } from '@/store/run'
import styles from '@/monitor/MessageFilters.module.css'

/** Which messages are shown; what is selected on the canvas is a part of it. */
export function MessageFilters({ shown, all }: { shown: number; all: number }) {
  const filter = useRun((state) => state.filter)
  return (
    <div className={styles.filters} role="search" aria-label="Messages">
      <input
        className={styles.text}
        type="search"
        aria-label="Search messages"
        placeholder="Search messages"
        value={filter.text}
        onChange={(event) => setFilter({ text: event.target.value })}
      />
      <Choice
        label="Role"
        value={filter.role}
        options={['request', 'reply'] as const}
        onChange={(role) => setFilter({ role })}
      />
      <Choice
        label="Outcome"
        value={filter.outcome}
        options={outcomes}
        onChange={(outcome) => setFilter({ outcome })}
      />
      <Selected />
      <span className={styles.count} role="status">
        {shown === all ? `${all} messages` : `${shown} of ${all}`}
      </span>
      {isFiltering(filter) && (
        <Button look="quiet" onClick={() => setFilter(everything)}>
          Show all
        </Button>
      )}
    </div>
  )
}

/** The regions, or the connection, that the messages concern; a click lets others in again. */
function Selected() {
  const { from, to, regions } = useRun((state) => state.filter)
  const between = from !== null || to !== null
  const concerns = between ? `${from ?? 'any'} → ${to ?? 'any'}` : regions.join(', ')
  if (!concerns) return null
  const clear = () => setFilter({ regions: [], from: null, to: null })
  return (
    <Button icon={X} title="Show messages of all regions" onClick={clear}>
      {concerns}
    </Button>
  )
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly value: Value | null
  readonly options: readonly Value[]
  readonly onChange: (value: Value | null) => void
}

function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  const take = (text: string) => onChange(options.find((option) => option === text) ?? null)
  return (
    <select
      className={styles.choice}
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => take(event.target.value)}
    >
      <option value="">{label}: any</option>
      {options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  )
}
