import { useState } from 'react'
import { Download, GitBranch, Mail, Pause, Play, SkipForward, Square } from 'lucide-react'
import { BranchDialog } from '@/monitor/BranchDialog'
import { InjectDialog } from '@/monitor/InjectDialog'
import { isOver, type RunStatus } from '@/model/run/events'
import type { RunAnswer } from '@/api/answers'
import { Button } from '@/ui/Button'
import { steer, useRun } from '@/store/run'
import styles from '@/monitor/RunHead.module.css'

/** What the status of a run lets one do with it. */
export function Controls({ onRun }: { onRun: (run: string) => void }) {
  const answer = useRun((state) => state.answer)
  const document = useRun((state) => state.document)
  const status = useRun((state) => state.status)
  const [open, setOpen] = useState<'inject' | 'branch' | null>(null)
  const over = status !== null && isOver(status)
  return (
    <div className={styles.controls} role="toolbar" aria-label="Run">
      <Onward answer={answer} status={status} />
      {!over && (
        <Button icon={Mail} disabled={!document} onClick={() => setOpen('inject')}>
          Send mail
        </Button>
      )}
      <Button icon={GitBranch} disabled={!document} onClick={() => setOpen('branch')}>
        Run again
      </Button>
      <Keep />
      {!over && (
        <Button icon={Square} look="danger" onClick={() => void steer('cancel')}>
          Cancel
        </Button>
      )}
      {open === 'inject' && <InjectDialog onClose={() => setOpen(null)} />}
      {open === 'branch' && <BranchDialog onRun={onRun} onClose={() => setOpen(null)} />}
    </div>
  )
}

/** Pause, next layer, or resume: whichever there is to be done. */
function Onward({ answer, status }: { answer: RunAnswer | null; status: RunStatus | null }) {
  switch (nextOf(answer, status)) {
    case 'pause':
      return (
        <Button icon={Pause} onClick={() => void steer('pause')}>
          Pause
        </Button>
      )
    case 'step':
      return (
        <Button icon={SkipForward} look="main" onClick={() => void steer('step')}>
          Next layer
        </Button>
      )
    case 'resume':
      return (
        <Button icon={Play} look="main" onClick={() => void steer('resume')}>
          Resume
        </Button>
      )
    case null:
      return null
  }
}

function nextOf(answer: RunAnswer | null, status: RunStatus | null) {
  if (status === 'running') return answer?.live === false ? 'resume' : 'pause'
  if (status === 'paused' && typeof answer?.stopped_before === 'number') return 'step'
  return status === 'paused' || status === 'failed' || status === 'timed_out' ? 'resume' : null
}

/** Keeps the run as a file that opens without a coordinator. */
function Keep() {
  const run = useRun((state) => state.run) ?? ''
  return (
    <a
      className={styles.link}
      href={`api/runs/${encodeURIComponent(run)}/recording`}
      download={`${run}.recording.json`}
      title="Keep as a file"
      aria-label="Keep as a file"
    >
      <Download size={15} aria-hidden />
    </a>
  )
}
