import type { Graph, Places } from '@/layout/place'

let worker: Worker | undefined
let number = 0

/** Where the nodes of `graph` go, worked out off the main thread. */
export function arrange(graph: Graph): Promise<Places> {
  worker ??= new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  number += 1
  const asked = number
  const answering = worker
  return new Promise((resolve) => {
    const hear = ({ data }: MessageEvent<{ number: number; places: Places }>) => {
      if (data.number !== asked) return
      answering.removeEventListener('message', hear)
      resolve(data.places)
    }
    answering.addEventListener('message', hear)
    answering.postMessage({ number: asked, graph })
  })
}
