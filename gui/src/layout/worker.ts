import { place, type Graph } from '@/layout/place'

/** Lays graphs out off the main thread; the answer bears the number of its question. */
addEventListener('message', ({ data }: MessageEvent<{ number: number; graph: Graph }>) => {
  postMessage({ number: data.number, places: place(data.graph) })
})
