import { useEffect, useRef, useState } from 'react'
import type { MessageEvent } from '@/model/run/events'
import { duration } from '@/ui/times'
import { allMessages, readMessage } from '@/store/run'
import styles from '@/monitor/Messages.module.css'

const rowHeight = 30
const spare = 10

interface RowsProps {
  /** Numbers of messages, newest first. */
  readonly found: readonly number[]
  /** The one that is read. */
  readonly reading: number | null
  /** When the run started. */
  readonly start: number
}

/** Messages as a list that can be long: only the rows in sight are drawn. */
export function MessageRows({ found, reading, start }: RowsProps) {
  const frame = useRef<HTMLDivElement>(null)
  const [sight, setSight] = useState({ top: 0, height: 600 })
  useEffect(() => setSight((before) => ({ ...before, ...sightOf(frame.current) })), [])
  const first = Math.max(0, Math.floor(sight.top / rowHeight) - spare)
  const last = Math.min(found.length, Math.ceil((sight.top + sight.height) / rowHeight) + spare)
  const current = reading === null ? -1 : found.indexOf(reading)
  const go = (step: number) => {
    const next = Math.max(0, Math.min(found.length - 1, current + step))
    readMessage(found[next] ?? null)
    frame.current?.scrollTo({ top: Math.max(0, (next - 2) * rowHeight) })
  }
  return (
    <div
      ref={frame}
      className={styles.rows}
      role="listbox"
      aria-label="Messages, newest first"
      aria-activedescendant={current >= first && current < last ? `message-${reading}` : undefined}
      tabIndex={0}
      onScroll={(event) => setSight(sightOf(event.currentTarget))}
      onKeyDown={(event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
        if (step === undefined) return
        event.preventDefault()
        go(step)
      }}
    >
      <div role="presentation" style={{ height: first * rowHeight }} />
      {found.slice(first, last).map((index) => (
        <MessageRow key={index} index={index} selected={index === reading} start={start} />
      ))}
      <div role="presentation" style={{ height: (found.length - last) * rowHeight }} />
    </div>
  )
}

const sightOf = (element: HTMLElement | null) => ({
  top: element?.scrollTop ?? 0,
  height: element?.clientHeight ?? 600,
})

interface RowProps {
  readonly index: number
  readonly selected: boolean
  readonly start: number
}

function MessageRow({ index, selected, start }: RowProps) {
  const message = allMessages()[index]
  if (!message) return null
  return (
    <div
      id={`message-${index}`}
      role="option"
      aria-selected={selected}
      className={styles.row}
      onClick={() => readMessage(index)}
    >
      <span className={styles.time}>{duration(message.at - start)}</span>
      <span className={styles.way}>
        {message.source} → {message.destination}
      </span>
      <span className={styles.role} data-role={message.role}>
        {message.role}
      </span>
      <span className={styles.content}>{message.content.slice(0, 300)}</span>
      <Fate message={message} />
    </div>
  )
}

/** What became of a message, where it was not simply delivered. */
function Fate({ message: { outcome } }: { message: MessageEvent }) {
  if (outcome === 'delivered') return null
  return (
    <span className={styles.outcome} data-outcome={outcome}>
      {outcome}
    </span>
  )
}
