import { useEffect, useState, type ReactNode } from 'react'
import { Undo2 } from 'lucide-react'
import type { DeadLetter } from '@/api/answers'
import { deadLetters, redeliver } from '@/api/runs'
import { regionList } from '@/model/document'
import { isOver } from '@/model/run/events'
import { AsOfNow } from '@/monitor/AsOfNow'
import { words } from '@/monitor/problems'
import { Button } from '@/ui/Button'
import { Choice } from '@/ui/Choice'
import { useRun } from '@/store/run'
import styles from '@/monitor/DeadLetters.module.css'

/** Messages that nobody could be given: why, and a way to send them once more. */
export function DeadLetters() {
  const run = useRun((state) => state.run) ?? ''
  const dead = useRun((state) => state.view.fates.dead)
  const [letters, setLetters] = useState<readonly DeadLetter[] | null>(null)
  const [told, setTold] = useState('')
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    let over = false
    deadLetters(run).then(
      (found) => !over && setLetters(found),
      (error: unknown) => !over && setTold(words(error)),
    )
    return () => {
      over = true
    }
  }, [run, dead, asked])
  const send = async (id: string, to: string) => {
    setTold(
      await redeliver(run, id, to).then(({ destination }) => `Sent to ${destination}.`, words),
    )
    setAsked(asked + 1)
  }
  const over = useRun(({ status }) => status !== null && isOver(status))
  return (
    <div className={styles.letters}>
      <p role="status">{told}</p>
      {letters && letters.length > 0 && <AsOfNow />}
      {over && letters && letters.length > 0 && <p>The run is over: no mail enters it any more.</p>}
      {letters?.length === 0 && <p className={styles.empty}>Every message had somewhere to go.</p>}
      <ul className={styles.list}>
        {letters?.map((letter) => (
          <Letter key={letter.id} letter={letter}>
            {letter.redelivered ? (
              <span>sent to {letter.redelivered}</span>
            ) : (
              !over && <SendAgain letter={letter} onSend={(to) => void send(letter.id, to)} />
            )}
          </Letter>
        ))}
      </ul>
    </div>
  )
}

function Letter({ letter, children }: { letter: DeadLetter; children: ReactNode }) {
  return (
    <li className={styles.letter}>
      <div className={styles.text}>
        <strong>
          {letter.source} → {letter.destination || 'nobody'}
        </strong>
        <span className={styles.reason}>{letter.reason}</span>
        <p>{letter.content}</p>
      </div>
      {children}
    </li>
  )
}

interface SendAgainProps {
  readonly letter: DeadLetter
  readonly onSend: (to: string) => void
}

/** To whom it was written, if that is a region; else it has to be said to which. */
function SendAgain({ letter, onSend }: SendAgainProps) {
  const document = useRun((state) => state.document)
  const names = document ? regionList(document).map(({ name }) => name) : []
  const [chosen, setChosen] = useState<string | null>(letter.destination)
  const to = chosen !== null && names.includes(chosen) ? chosen : null
  return (
    <div className={styles.send}>
      <Choice
        label={`Whom to send the letter of ${letter.source} to`}
        value={to}
        options={names.map((name) => ({ value: name, text: name }))}
        none={to === null ? 'to whom?' : undefined}
        onChange={setChosen}
      />
      <Button icon={Undo2} disabled={to === null} onClick={() => to !== null && onSend(to)}>
        Redeliver
      </Button>
    </div>
  )
}
