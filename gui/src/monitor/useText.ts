import { useEffect, useState } from 'react'
import { wholeContent } from '@/api/runs'
import type { MessageEvent } from '@/model/run/events'
import { useRun } from '@/store/run'

/** All of a message's text, which its event may have cut. */
export function useText(message: MessageEvent): string {
  const { run, source } = useRun()
  const [whole, setWhole] = useState<{ of: MessageEvent; text: string } | null>(null)
  useEffect(() => {
    if (!message.truncated || run === null || source !== 'live') return
    let over = false
    const take = (text: string) => {
      if (!over) setWhole({ of: message, text })
    }
    void wholeContent(run, message.trace).then(take, () => undefined)
    return () => {
      over = true
    }
  }, [message, run, source])
  return whole?.of === message ? whole.text : message.content
}
