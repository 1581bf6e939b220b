import { useState } from 'react'
import { Send } from 'lucide-react'
import { inject, type Injection } from '@/api/runs'
import { regionList } from '@/model/document'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { SelectField, TextArea, TextField } from '@/ui/Field'
import { words } from '@/monitor/problems'
import { useRun } from '@/store/run'
import styles from '@/monitor/Forms.module.css'

type Role = Injection['role']

const told = {
  held: 'Sent. It enters when the next layer starts.',
  duplicate: 'This mail was sent before.',
  'run-ended': 'No layer starts any more: it is kept as a dead letter.',
}

const roles: readonly { value: Role; text: string }[] = [
  { value: 'request', text: 'a request, to be answered' },
  { value: 'reply', text: 'a reply, to be known' },
]

/** Mail to a region of a run that goes on. */
export function InjectDialog({ onClose }: { onClose: () => void }) {
  const { run, document } = useRun()
  const names = document ? regionList(document).map(({ name }) => name) : []
  const [mail, setMail] = useState<Injection>({ to: names[0] ?? '', role: 'request', content: '' })
  const [source, setSource] = useState('')
  const [result, setResult] = useState('')
  const change = (part: Partial<Injection>) => setMail({ ...mail, ...part })
  const send = async () => {
    const from = source.trim() === '' ? {} : { source: source.trim() }
    setResult(
      await inject(run ?? '', { ...mail, ...from }).then(({ outcome }) => told[outcome], words),
    )
  }
  return (
    <Dialog title="Send mail into the run" onClose={onClose}>
      <form className={styles.form} action={() => void send()}>
        <SelectField
          label="To"
          value={mail.to}
          options={names.map((name) => ({ value: name, text: name }))}
          onChange={(to) => change({ to })}
        />
        <SelectField<Role>
          label="As"
          value={mail.role}
          options={roles}
          onChange={(role) => change({ role })}
        />
        <TextArea label="Text" value={mail.content} onChange={(content) => change({ content })} />
        <TextField
          label="From"
          hint="Left empty: the print address, where answers are shown."
          value={source}
          onChange={setSource}
        />
        <div className={styles.foot}>
          <span role="status">{result}</span>
          <Button type="submit" look="main" icon={Send} disabled={!mail.content.trim()}>
            Send
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
