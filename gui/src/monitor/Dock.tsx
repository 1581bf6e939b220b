import { useId, useState } from 'react'
import { Answers } from '@/monitor/Answers'
import { DeadLetters } from '@/monitor/DeadLetters'
import { Messages } from '@/monitor/Messages'
import { Timeline } from '@/monitor/Timeline'
import { Tabs } from '@/ui/Tabs'
import { useRun } from '@/store/run'
import styles from '@/monitor/Dock.module.css'

type Tab = 'timeline' | 'messages' | 'answers' | 'dead'

/** Below the graph: when things ran, what was written, what was answered. */
export function Dock() {
  const [tab, setTab] = useState<Tab>('timeline')
  const id = useId()
  const { messages, answers, fates } = useRun((state) => state.view)
  const live = useRun((state) => state.source === 'live')
  const tabs = [
    { value: 'timeline' as const, text: 'Timeline' },
    { value: 'messages' as const, text: 'Messages', count: messages },
    { value: 'answers' as const, text: 'Answers', count: answers },
    ...(live ? [{ value: 'dead' as const, text: 'Dead letters', count: fates.dead }] : []),
  ]
  return (
    <section className={styles.dock} aria-label="The run in detail">
      <Tabs id={id} label="The run in detail" tabs={tabs} value={tab} onChange={setTab} />
      <div
        className={styles.body}
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${tab}`}
      >
        {tab === 'timeline' && <Timeline />}
        {tab === 'messages' && <Messages />}
        {tab === 'answers' && <Answers />}
        {tab === 'dead' && <DeadLetters />}
      </div>
    </section>
  )
}
