import { useEffect, useState } from 'react'
import { Undo2 } from 'lucide-react'
import type { DeadLetter } from '@/api/answers'
import { deadLetters, redeliver } from '@/api/runs'
import { words } from '@/monitor/problems'
import { Button } from '@/ui/Button'
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
  const send = async (id: string) => {
    setTold(await redeliver(run, id).then(({ destination }) => `Sent to ${destination}.`, words))
    setAsked(asked + 1)
  }
  return (
    <div className={styles.letters}>
      <p role="status">{told}</p>
      {letters?.length === 0 && <p className={styles.empty}>Every message had somewhere to go.</p>}
      <ul className={styles.list}>
        {letters?.map((letter) => (
          <Letter key={letter.id} letter={letter} onSend={() => void send(letter.id)} />
        ))}
      </ul>
    </div>
  )
}

function Letter({ letter, onSend }: { letter: DeadLetter; onSend: () => void }) {
  return (
    <li className={styles.letter}>
      <div className={styles.text}>
        <strong>
          {letter.source} → {letter.destination || 'nobody'}
        </strong>
        <span className={styles.reason}>{letter.reason}</span>
        <p>{letter.content}</p>
      </div>
      {letter.redelivered ? (
        <span>sent to {letter.redelivered}</span>
      ) : (
        <Button icon={Undo2} onClick={onSend}>
          Redeliver
        </Button>
      )}
    </li>
  )
}
