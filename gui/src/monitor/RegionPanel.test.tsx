import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { hearRecorded } from '@/api/recorded'
import * as events from '@/api/events'
import * as runs from '@/api/runs'
import lookup from '@/model/run/fixtures/lookup.recording.json?raw'
import { regionList } from '@/model/document'
import { readRecording } from '@/model/run/readRecording'
import { RegionPanel } from '@/monitor/RegionPanel'
import { leave, openRecording, seekTo, useRun, watch } from '@/store/run'

const recording = readRecording(lookup, 'lookup.recording.json')
const asOfNow = /As of now, not of the instant/

afterEach(() => {
  cleanup()
  leave()
})

const facts = () => {
  const { document } = useRun.getState()
  const found = document && regionList(document).find(({ name }) => name === 'Facts')
  if (!found) throw new Error('the run has no Facts')
  return found
}

test('at an earlier instant, what a region knows is told to be as of now', async () => {
  openRecording(recording)
  const region = facts()
  const mail = { source: 'Historian', content: 'Who?', id: '1' }
  vi.spyOn(runs, 'regionState').mockResolvedValue({
    ...{ knowledge: [mail], requests: [], unread: [], connections: {} },
  })
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no coordinator')))
  vi.spyOn(events, 'hear').mockImplementation((_run, listener) => {
    hearRecorded(recording, listener)
    return () => undefined
  })
  watch('lookup-1')
  render(<RegionPanel region={region} />)
  await screen.findByText('Knows (1)')
  expect(screen.queryByText(asOfNow)).toBeNull()
  seekTo(5)
  await screen.findByText('Knows now (1)')
  expect(screen.getByText(asOfNow)).toBeDefined()
})
