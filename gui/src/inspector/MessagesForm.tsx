import { Plus, X } from 'lucide-react'
import { nameOf, regionList, type DocumentMessage } from '@/model/document'
import { addMessage, changeMessage, removeMessage } from '@/model/edits/settings'
import { printAddress, type Role } from '@/model/plan'
import { currentDocument, edit, endGesture, useDocument } from '@/store/document'
import { Button, IconButton } from '@/ui/Button'
import { SelectField, TextArea, TextField } from '@/ui/Field'
import styles from '@/inspector/Form.module.css'

/** Mail that enters before the first layer: what the plan is asked. */
export function MessagesForm() {
  const { messages, regionOrder } = useDocument((state) => state.document)
  const add = () =>
    edit((now) => addMessage(now, printAddress(now.postmaster), now.regionOrder[0] ?? ''))
  return (
    <>
      {messages.map((message) => (
        <MessageCard key={message.id} message={message} />
      ))}
      <Button icon={Plus} disabled={regionOrder.length === 0} onClick={add}>
        Add a message
      </Button>
    </>
  )
}

function MessageCard({ message }: { message: DocumentMessage }) {
  const { id, source, to, role, content } = message
  const document = useDocument((state) => state.document)
  const change = (changes: Partial<DocumentMessage>) =>
    edit((now) => changeMessage(now, id, changes), `${id} ${Object.keys(changes).join()}`)
  const targets = regionList(document).map((region) => ({ value: region.id, text: region.name }))
  const stranger = to in document.regions ? [] : [{ value: to, text: nameOf(document, to) }]
  const answers = source === printAddress(currentDocument().postmaster)
  return (
    <div className={styles.card}>
      <div className={styles.row}>
        <SelectField
          label="To"
          value={to}
          options={[...stranger, ...targets]}
          onChange={(value) => change({ to: value })}
        />
        <IconButton
          icon={X}
          label="Remove the message"
          onClick={() => edit((now) => removeMessage(now, id))}
        />
      </div>
      <TextArea
        label="Text"
        value={content}
        onChange={(value) => change({ content: value })}
        onDone={endGesture}
      />
      <div className={styles.pair}>
        <SelectField<Role>
          label="As"
          value={role}
          options={[
            { value: 'request', text: 'a request' },
            { value: 'reply', text: 'a reply' },
          ]}
          onChange={(value) => change({ role: value })}
        />
        <TextField
          label="From"
          value={source}
          hint={answers ? 'The answer is printed.' : undefined}
          onChange={(value) => change({ source: value })}
          onDone={endGesture}
        />
      </div>
    </div>
  )
}
