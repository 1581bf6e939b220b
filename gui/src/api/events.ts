import { ApiProblem, refusal } from '@/api/http'
import type { Json } from '@/model/json'
import { isOver, readEvent, type RunEvent } from '@/model/run/events'

/** Who hears a run's events. */
export interface Listener {
  onEvent(event: RunEvent): void
  /** The stream is open, was lost and is tried again, or has come to its end. */
  onLink(link: Link): void
  /** The coordinator refuses: there is no such run, or this browser may not ask. */
  onRefusal(error: ApiProblem): void
}

export type Link = 'connecting' | 'open' | 'lost' | 'ended'

/** Stops hearing. */
export type Close = () => void

/** Milliseconds between tries; an end of the coordinator is made good within two seconds. */
const tries = [50, 100, 200, 400, 800]

/** Comments come each 10 s: a stream that is silent for longer has gone without saying so. */
const silence = 25_000

/**
 * Hear a run from its first event on. What is lost is asked for again behind the newest event that
 * came: none is missing, and none comes twice.
 */
export function hear(run: string, listener: Listener): Close {
  const stop = new AbortController()
  void follow(run, listener, stop.signal)
  return () => stop.abort()
}

async function follow(run: string, listener: Listener, stop: AbortSignal): Promise<void> {
  const reading = new Reading(listener)
  listener.onLink('connecting')
  for (let missed = 0; ; missed += 1) {
    const begun = reading.newest
    const end = await once(run, reading, stop)
    if (stop.aborted) return
    if (end instanceof ApiProblem) listener.onRefusal(end)
    else listener.onLink(end)
    if (end !== 'lost') return
    if (reading.newest !== begun) missed = 0
    await pause(tries[Math.min(missed, tries.length - 1)] ?? 0, stop)
  }
}

type End = 'ended' | 'lost' | ApiProblem

/** One connection: how it came to its end. */
async function once(run: string, reading: Reading, stop: AbortSignal): Promise<End> {
  const quiet = new AbortController()
  const alarm = new Alarm(() => quiet.abort())
  try {
    const headers: HeadersInit = reading.newest ? { 'Last-Event-ID': reading.newest } : {}
    const path = `api/runs/${encodeURIComponent(run)}/events`
    const answer = await fetch(path, { headers, signal: AbortSignal.any([stop, quiet.signal]) })
    if (answer.status !== 200 || !answer.body) return await endOf(answer)
    reading.open()
    await readAll(answer.body, (text) => {
      alarm.postpone()
      reading.take(text)
    })
    return reading.isOver ? 'ended' : 'lost'
  } catch {
    return 'lost'
  } finally {
    alarm.off()
  }
}

async function readAll(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (text: string) => void,
) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    take(value)
  }
}

/** What an answer without a stream means. */
async function endOf(answer: Response): Promise<End> {
  if (answer.status === 204) return 'ended'
  if (answer.status >= 500) return 'lost'
  return refusal(answer.status, (await answer.json().catch(() => null)) as Json)
}

/** Server-sent events out of a stream of text. */
class Reading {
  /** The id of the newest event; "" before the first. */
  newest = ''
  isOver = false
  private rest = ''
  private readonly listener: Listener

  constructor(listener: Listener) {
    this.listener = listener
  }

  open(): void {
    this.rest = ''
    this.listener.onLink('open')
  }

  take(text: string): void {
    const blocks = (this.rest + text).split('\n\n')
    this.rest = blocks.pop() ?? ''
    for (const block of blocks) this.block(block)
  }

  private block(block: string): void {
    const fields = new Map(block.split('\n').map(fieldOf))
    const data = fields.get('data')
    if (data === undefined) return
    const event = readEvent(JSON.parse(data))
    this.newest = fields.get('id') ?? this.newest
    if (!event) return
    if (event.type !== 'notice') this.isOver = ends(event)
    this.listener.onEvent(event)
  }
}

const ends = (event: RunEvent) => event.type === 'run' && isOver(event.status)

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(':')
  const value = line.slice(colon + 1)
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value]
}

/** Rings when nothing has been heard for too long. */
class Alarm {
  private timer: ReturnType<typeof setTimeout>
  private readonly ring: () => void

  constructor(ring: () => void) {
    this.ring = ring
    this.timer = setTimeout(ring, silence)
  }

  postpone(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(this.ring, silence)
  }

  off(): void {
    clearTimeout(this.timer)
  }
}

function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    stop.addEventListener('abort', end, { once: true })
  })
}
