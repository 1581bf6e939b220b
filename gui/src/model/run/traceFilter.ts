import type { MessageEvent, Outcome } from '@/model/run/events'

/** Which messages are shown; "" and null let all through. */
export interface TraceFilter {
  readonly text: string
  /** From or to one of these. */
  readonly regions: readonly string[]
  readonly from: string | null
  readonly to: string | null
  readonly role: 'request' | 'reply' | null
  readonly outcome: Outcome | null
}

export const everything: TraceFilter = {
  text: '',
  regions: [],
  from: null,
  to: null,
  role: null,
  outcome: null,
}

export function isFiltering(filter: TraceFilter): boolean {
  return JSON.stringify(filter) !== JSON.stringify(everything)
}

/** Whether a message is among those asked for; its text and names are searched, whatever case. */
export function passes(message: MessageEvent, filter: TraceFilter): boolean {
  return (
    concerns(message, filter.regions) &&
    is(message.source, filter.from) &&
    is(message.destination, filter.to) &&
    is(message.role, filter.role) &&
    is(message.outcome, filter.outcome) &&
    holds(message, filter.text.trim().toLowerCase())
  )
}

const is = (value: string, wanted: string | null) => wanted === null || value === wanted

const concerns = ({ source, destination, copies }: MessageEvent, regions: readonly string[]) =>
  regions.length === 0 ||
  regions.some((name) => name === source || name === destination || copies.includes(name))

const holds = ({ content, source, destination }: MessageEvent, text: string) =>
  text === '' || [content, source, destination].some((part) => part.toLowerCase().includes(text))
