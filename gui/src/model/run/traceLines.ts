import { objectOf, type JsonObject } from '@/model/json'
import { readMessage, type MessageEvent, type RunEvent } from '@/model/run/events'
import { positionOf, stepOf } from '@/model/run/position'
import type { Recording } from '@/model/run/recording'

/**
 * A run out of its trace alone: messages say which step posted them, and so what ran and when. A
 * step without a message is not seen, and each looks as long as its messages were apart.
 */
export function readTraceLines(lines: readonly JsonObject[], name: string): Recording {
  const events: RunEvent[] = []
  const tell = (event: Record<string, unknown> & { at: number }) => {
    events.push({ ...blank, ...event, seq: events.length + 1 } as unknown as RunEvent)
  }
  const messages = lines.map((line) => readMessage(headOf(line), line))
  const lastOf = new Map(messages.map((message, index) => [stepOf(message.id), index]))
  const begun = new Set<string>()
  let place = -1
  messages.forEach((message, index) => {
    const { at } = message
    const here = positionOf(message.id)?.place ?? place
    if (here > place) {
      if (place >= 0) tell({ type: 'layer', place, layer: place, status: 'done', at })
      place = here
      tell({ type: 'layer', place, layer: place, status: 'started', at })
    }
    const step = stepOf(message.id)
    const told = { type: 'step', step, region: message.source, at }
    if (step && !begun.has(step)) tell({ ...told, status: 'running' })
    begun.add(step)
    tell({ ...message })
    if (step && lastOf.get(step) === index) tell({ ...told, status: 'done' })
  })
  const plan = drawnFrom(messages)
  return { run: name.replace(/\.jsonl?$/, ''), plan, schedule: null, first: 0, events }
}

const blank = { method: '', worker: '', code: '', message: '', chainName: '' }

function headOf(line: JsonObject) {
  return { seq: Number(line['seq'] ?? 0), at: Number(line['at'] ?? 0) }
}

/** A plan to draw: who wrote to whom. */
function drawnFrom(messages: readonly MessageEvent[]): JsonObject {
  const written = new Map<string, Set<string>>()
  for (const { source, destination, outcome } of messages) {
    const to = written.get(source) ?? new Set()
    if (outcome !== 'dropped') to.add(destination)
    written.set(source, to)
    const reads = outcome === 'delivered' && !written.has(destination)
    if (reads) written.set(destination, new Set())
  }
  const regions = [...written].map(([name, to]) => ({
    name,
    type: 'Region',
    task: '',
    connections: objectOf([...to].filter((one) => one !== name).map((one) => [one, ''])),
  }))
  return { version: 1, regions, layer_config: [], execution_config: [], execution_order: [] }
}
