import { useEffect, useRef } from 'react'
import { useStore, useStoreApi } from '@xyflow/react'
import { TrafficPainter } from '@/canvas/trafficPainter'
import { allMessages, useRun } from '@/store/run'
import styles from '@/canvas/Traffic.module.css'

/**
 * Messages on their way, and how many went along each connection: one canvas over the flow,
 * however many there are.
 */
export function Traffic() {
  const canvas = useRef<HTMLCanvasElement>(null)
  const painter = useRef<TrafficPainter | null>(null)
  const flow = useStoreApi()
  const transform = useStore((state) => state.transform)
  const width = useStore((state) => state.width)
  const height = useStore((state) => state.height)
  const document = useRun((state) => state.document)

  useEffect(() => {
    if (!canvas.current || !document) return
    const painting = new TrafficPainter(canvas.current, flow.getState().domNode, document)
    painter.current = painting
    let seen = useRun.getState().view.messages
    painting.count(useRun.getState().view)
    const stop = useRun.subscribe(({ view }, before) => {
      if (view === before.view) return
      painting.count(view)
      if (view.messages > seen) painting.send(allMessages().slice(seen, view.messages))
      seen = view.messages
    })
    return () => {
      stop()
      painting.stop()
    }
  }, [document, flow])

  useEffect(
    () => painter.current?.look(transform, width, height),
    [transform, width, height, document],
  )
  return <canvas ref={canvas} className={styles.traffic} aria-hidden data-testid="traffic" />
}
