import { useEffect, useMemo } from 'react'
import { Waits } from '@/monitor/Waits'
import { useText } from '@/monitor/useText'
import { outcomes, type MessageEvent } from '@/model/run/events'
import { CopyButton } from '@/ui/CopyButton'
import { allMessages, refresh, useRun } from '@/store/run'
import { keepAsking } from '@/store/cluster'
import styles from '@/monitor/Side.module.css'

const askSeconds = 2

/** The run as a whole: why it stopped, what it waits for, what became of its messages. */
export function Overview({ onRun }: { onRun: (run: string) => void }) {
  const view = useRun((state) => state.view)
  const parent = useRun((state) => state.answer?.parent)
  const asks = useRun(({ source, link }) => source === 'live' && link !== 'ended')
  useEffect(() => (asks ? keepAsking(refresh, askSeconds) : undefined), [asks])
  return (
    <>
      <h2 className={styles.title}>This run</h2>
      {view.message && (
        <p className={styles.text}>
          {view.message}
          {view.where && ` (${view.where})`}
        </p>
      )}
      {parent && (
        <p className={styles.soft}>
          Made from{' '}
          <a
            href={`#/runs/${encodeURIComponent(parent)}`}
            onClick={(event) => {
              event.preventDefault()
              onRun(parent)
            }}
          >
            {parent}
          </a>
        </p>
      )}
      <Waits />
      <Answered />
      <h3 className={styles.part}>Messages</h3>
      <Fates />
      <p className={styles.soft}>Select a region or a connection to see what concerns it.</p>
    </>
  )
}

/** What has been answered last, for who looks no further. */
function Answered() {
  const count = useRun((state) => state.view.messages)
  const answer = useMemo(
    () =>
      allMessages()
        .slice(0, count)
        .findLast(({ outcome }) => outcome === 'printed'),
    [count],
  )
  if (!answer) return null
  return (
    <>
      <h3 className={styles.part}>Answer of {answer.source}</h3>
      <Answer answer={answer} />
    </>
  )
}

function Answer({ answer }: { answer: MessageEvent }) {
  const text = useText(answer)
  return (
    <>
      <p className={styles.text} data-testid="answer">
        {text}
      </p>
      <CopyButton text={text} label="Copy the answer" />
    </>
  )
}

function Fates() {
  const fates = useRun((state) => state.view.fates)
  const some = outcomes.filter((outcome) => fates[outcome] > 0)
  if (some.length === 0) return <p className={styles.soft}>None yet.</p>
  return (
    <dl className={styles.facts}>
      {some.map((outcome) => (
        <div key={outcome} style={{ display: 'contents' }}>
          <dt>{outcome}</dt>
          <dd>{fates[outcome]}</dd>
        </div>
      ))}
    </dl>
  )
}
