import { useMemo } from 'react'
import { useText } from '@/monitor/useText'
import type { MessageEvent } from '@/model/run/events'
import { CopyButton } from '@/ui/CopyButton'
import { duration } from '@/ui/times'
import { allMessages, useRun } from '@/store/run'
import styles from '@/monitor/Answers.module.css'

/** What the run has answered up to the instant looked at, in full. */
export function Answers() {
  const { messages, started } = useRun((state) => state.view)
  const answers = useMemo(
    () =>
      allMessages()
        .slice(0, messages)
        .filter(({ outcome }) => outcome === 'printed'),
    [messages],
  )
  if (answers.length === 0) {
    return (
      <p className={styles.empty}>Answers appear here as regions write to the print address.</p>
    )
  }
  return (
    <ol className={styles.answers} data-testid="answers">
      {answers.map((answer) => (
        <Answer key={answer.seq} answer={answer} start={started ?? 0} />
      ))}
    </ol>
  )
}

function Answer({ answer, start }: { answer: MessageEvent; start: number }) {
  const text = useText(answer)
  return (
    <li className={styles.answer}>
      <header className={styles.head}>
        <strong>{answer.source}</strong>
        <span className={styles.time}>after {duration(answer.at - start)}</span>
        <CopyButton text={text} />
      </header>
      <p className={styles.text}>{text}</p>
    </li>
  )
}
