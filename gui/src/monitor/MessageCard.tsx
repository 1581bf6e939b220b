import { useState } from 'react'
import { CornerLeftUp, GitBranch, X } from 'lucide-react'
import { BranchDialog } from '@/monitor/BranchDialog'
import { useText } from '@/monitor/useText'
import type { MessageEvent } from '@/model/run/events'
import { positionOf } from '@/model/run/position'
import { Button, IconButton } from '@/ui/Button'
import { CopyButton } from '@/ui/CopyButton'
import { timeOfDay } from '@/ui/times'
import { allMessages, readMessage, useRun } from '@/store/run'
import styles from '@/monitor/Side.module.css'

interface MessageCardProps {
  readonly message: MessageEvent
  readonly onRun: (run: string) => void
}

/** A message in full. */
export function MessageCard({ message, onRun }: MessageCardProps) {
  const text = useText(message)
  const live = useRun((state) => state.source === 'live')
  const [editing, setEditing] = useState(false)
  return (
    <>
      <header className={styles.head}>
        <h2 className={styles.title}>
          {message.source} → {message.destination || 'nobody'}
        </h2>
        <IconButton icon={X} label="Put the message away" onClick={() => readMessage(null)} />
      </header>
      <Facts message={message} />
      <p className={styles.text} data-testid="message-text">
        {text}
      </p>
      <div className={styles.row}>
        <CopyButton text={text} />
        <Parent id={message.parent} />
        {live && (
          <Button icon={GitBranch} onClick={() => setEditing(true)}>
            Change and run again
          </Button>
        )}
      </div>
      {editing && <BranchDialog edit={message} onRun={onRun} onClose={() => setEditing(false)} />}
    </>
  )
}

function Facts({ message }: { message: MessageEvent }) {
  const position = positionOf(message.id)
  const from = position && position.chain > 0 ? 'a step of the plan' : 'outside the plan'
  return (
    <dl className={styles.facts}>
      <dt>Role</dt>
      <dd>{message.role}</dd>
      <dt>Outcome</dt>
      <dd>
        {message.outcome}
        {message.reason && `: ${message.reason}`}
      </dd>
      <dt>Routed</dt>
      <dd>{timeOfDay(message.at)}</dd>
      <dt>From</dt>
      <dd>{position ? `${from}, turn ${position.place + 1}` : from}</dd>
      {message.copies.length > 0 && (
        <>
          <dt>Heard by</dt>
          <dd>{message.copies.join(', ')}</dd>
        </>
      )}
    </dl>
  )
}

/** The way to the message that this one answers, forwards or returns. */
function Parent({ id }: { id: string | null }) {
  const at = id === null ? -1 : allMessages().findIndex((message) => message.id === id)
  if (at < 0) return null
  return (
    <Button icon={CornerLeftUp} onClick={() => readMessage(at)}>
      What it answers
    </Button>
  )
}
