import { useRef, useState } from 'react'
import { FileClock } from 'lucide-react'
import { readRecording } from '@/model/run/readRecording'
import { NotARecording } from '@/model/run/recording'
import { Button } from '@/ui/Button'
import { openRecording } from '@/store/run'
import styles from '@/monitor/Lists.module.css'

/** Opens a run out of a file: a recording, an archived run, or a trace. No coordinator is asked. */
export function OpenRecording({ onOpened }: { onOpened: () => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState('')
  const open = async (file: File | undefined) => {
    if (!file) return
    try {
      openRecording(readRecording(await file.text(), file.name))
      setProblem('')
      onOpened()
    } catch (error) {
      if (!(error instanceof NotARecording)) throw error
      setProblem(error.message)
    }
  }
  return (
    <>
      <Button icon={FileClock} onClick={() => input.current?.click()}>
        Open a recorded run
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,.jsonl"
        data-testid="recording-file"
        onChange={(event) => void open(event.target.files?.[0])}
      />
      {problem && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </>
  )
}
