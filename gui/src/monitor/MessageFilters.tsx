import { X } from 'lucide-react'
import { outcomes } from '@/model/run/events'
import { everything, isFiltering } from '@/model/run/traceFilter'
import { Button } from '@/ui/Button'
import { Choice } from '@/ui/Choice'
import { SearchBox } from '@/ui/SearchBox'
import { setFilter, useRun } from '@/store/run'
import styles from '@/monitor/MessageFilters.module.css'

const asOptions = <Value extends string>(values: readonly Value[]) =>
  values.map((value) => ({ value, text: value }))
const roles = asOptions(['request', 'reply'] as const)
const fates = asOptions(outcomes)

/** Which messages are shown; what is selected on the canvas is a part of it. */
export function MessageFilters({ shown, all }: { shown: number; all: number }) {
  const filter = useRun((state) => state.filter)
  return (
    <div className={styles.filters} role="search" aria-label="Messages">
      <SearchBox
        label="Search messages"
        value={filter.text}
        onChange={(text) => setFilter({ text })}
      />
      <Choice
        label="Role"
        value={filter.role}
        options={roles}
        none="Role: any"
        onChange={(role) => setFilter({ role })}
      />
      <Choice
        label="Outcome"
        value={filter.outcome}
        options={fates}
        none="Outcome: any"
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
