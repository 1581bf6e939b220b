import { useState } from 'react'
import { Play } from 'lucide-react'
import { replayRun, wholeContent, type Branch } from '@/api/runs'
import type { MessageEvent } from '@/model/run/events'
import type { Schedule } from '@/model/run/schedule'
import { words } from '@/monitor/problems'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { SelectField, TextArea } from '@/ui/Field'
import { useRun } from '@/store/run'
import styles from '@/monitor/Forms.module.css'

interface BranchDialogProps {
  /** A message whose text is to be another. */
  readonly edit?: MessageEvent
  readonly onRun: (run: string) => void
  readonly onClose: () => void
}

/** A new run out of what this one held: as it was, from a layer on, or with an edited message. */
export function BranchDialog({ edit, onRun, onClose }: BranchDialogProps) {
  const { run, schedule, first } = useRun()
  const [from, setFrom] = useState('')
  const [text, setText] = useState(edit?.content ?? '')
  const [problem, setProblem] = useState('')
  const begin = async () => {
    try {
      onRun((await replayRun(run ?? '', branchOf(from, edit, text))).run)
      onClose()
    } catch (error) {
      setProblem(words(error))
    }
  }
  return (
    <Dialog title={edit ? 'Run again with another text' : 'Run again'} onClose={onClose}>
      <form className={styles.form} action={() => void begin()}>
        {edit ? (
          <EditField edit={edit} run={run ?? ''} text={text} onChange={setText} />
        ) : (
          <SelectField
            label="From"
            value={from}
            options={starts(schedule ?? [], first)}
            onChange={setFrom}
          />
        )}
        <p className={styles.text}>This run stays as it is; the new one names it as its parent.</p>
        <div className={styles.foot}>
          <span role="alert">{problem}</span>
          <Button type="submit" look="main" icon={Play}>
            Run again
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function branchOf(from: string, edit: MessageEvent | undefined, text: string): Branch {
  if (edit) return { edits: { [edit.id]: text } }
  return from === '' ? {} : { from_place: Number(from) }
}

/** The places that a new run can begin with; those before `first` were its parent's. */
const starts = (schedule: Schedule, first: number) => [
  { value: '', text: 'the beginning, with the recorded answers' },
  ...schedule.slice(first).map(({ layer, chains }, at) => ({
    value: String(first + at),
    text: `turn ${first + at + 1}: layer ${layer + 1} (${chains.map(({ name }) => name).join(', ')})`,
  })),
]

interface EditFieldProps {
  readonly edit: MessageEvent
  readonly run: string
  readonly text: string
  readonly onChange: (text: string) => void
}

function EditField({ edit, run, text, onChange }: EditFieldProps) {
  const whole = () => void wholeContent(run, edit.trace).then(onChange, () => undefined)
  return (
    <>
      <TextArea label={`${edit.source} to ${edit.destination}`} value={text} onChange={onChange} />
      {edit.truncated && <Button onClick={whole}>Take all of its text</Button>}
    </>
  )
}
