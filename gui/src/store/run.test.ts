import { beforeEach, expect, test, vi } from 'vitest'
import { hearRecorded } from '@/api/recorded'
import * as events from '@/api/events'
import type { Listener } from '@/api/events'
import lookup from '@/model/run/fixtures/lookup.recording.json?raw'
import { readRecording } from '@/model/run/readRecording'
import { regionList } from '@/model/document'
import { passes } from '@/model/run/traceFilter'
import { stepBy } from '@/store/player'
import {
  allMessages,
  leave,
  openRecording,
  readMessage,
  seekTo,
  selectOnCanvas,
  useRun,
  watch,
} from '@/store/run'

/** A real run of the lookup template, as the coordinator gave it. */
const recording = readRecording(lookup, 'lookup.recording.json')
const state = () => useRun.getState()

beforeEach(() => leave())

/** Watches the recorded run as if it were live; gives back what hears its events. */
function watchRecorded(tell: (listener: Listener) => void) {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no coordinator')))
  vi.spyOn(events, 'hear').mockImplementation((_run, listener) => {
    tell(listener)
    return () => undefined
  })
  watch('lookup-1')
}

test('a recording shows its plan, its answer and how it ended', () => {
  openRecording(recording)
  expect(state()).toMatchObject({ status: 'succeeded', link: 'ended', source: 'recording' })
  expect(regionList(state().document ?? never()).map(({ name }) => name)).toEqual([
    'Historian',
    'Facts',
    'Biographies',
  ])
  expect(allMessages().at(-1)?.content).toBe('Clara Reed found a silver bell in the old well.')
})

test('a live run comes to the same view as its recording', () => {
  openRecording(recording)
  const recorded = state().view
  watchRecorded((listener) => hearRecorded(recording, listener))
  expect(state().view).toEqual(recorded)
})

test('events that come twice, as after a restart, are shown once', () => {
  watchRecorded((listener) => {
    hearRecorded(recording, listener)
    hearRecorded(recording, listener)
  })
  expect(state().count).toBe(recording.events.length)
  expect(state().view.messages).toBe(6)
})

test('while an earlier instant is looked at, the run goes on without moving it', () => {
  const late = recording.events.slice(20)
  let listener: Listener | undefined
  watchRecorded((hearing) => {
    listener = hearing
    hearRecorded({ ...recording, events: recording.events.slice(0, 20) }, hearing)
  })
  seekTo(5)
  const seen = state().view
  for (const event of late) listener?.onEvent(event)
  listener?.onLink('ended')
  expect(state().view).toBe(seen)
  expect(state().status).toBe('succeeded')
  seekTo(null)
  expect(state().view.status).toBe('succeeded')
})

test('events that are lost on the way are told, once, live and recorded', () => {
  const part = { ...recording, events: recording.events.filter(({ seq }) => seq < 4 || seq > 6) }
  const told = 'Events 4–6 are missing: what is shown may be incomplete.'
  openRecording(part)
  expect(state().missing).toBe(told)
  watchRecorded((listener) => {
    hearRecorded(part, listener)
    hearRecorded(part, listener)
  })
  expect(state().missing).toBe(told)
  leave()
  expect(state().missing).toBe('')
})

test('one goes through a run event by event', () => {
  openRecording(recording)
  stepBy(-1)
  expect(state()).toMatchObject({ cursor: 25, view: { status: 'running' } })
  stepBy(1)
  expect(state()).toMatchObject({ cursor: null, view: { status: 'succeeded' } })
})

test('a region selected on the canvas shows its messages, and a message read shows its way', () => {
  openRecording(recording)
  const document = state().document ?? never()
  const idOf = (name: string) => regionList(document).find((one) => one.name === name)?.id ?? ''
  selectOnCanvas({ regions: [idOf('Facts')], connections: [] })
  const shown = allMessages().filter((message) => passes(message, state().filter))
  expect(shown.map(({ source, destination }) => [source, destination])).toEqual([
    ['Historian', 'Facts'],
    ['Facts', 'Historian'],
  ])
  readMessage(allMessages().indexOf(shown[0] ?? never()))
  expect(state().selection.regions).toEqual([idOf('Historian'), idOf('Facts')])
})

function never(): never {
  throw new Error('missing')
}
