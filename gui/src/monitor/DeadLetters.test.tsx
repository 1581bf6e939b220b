import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import * as runs from '@/api/runs'
import lookup from '@/model/run/fixtures/lookup.recording.json?raw'
import { readRecording } from '@/model/run/readRecording'
import { DeadLetters } from '@/monitor/DeadLetters'
import { leave, openRecording, seekTo } from '@/store/run'

afterEach(() => {
  cleanup()
  leave()
})

test('at an earlier instant, dead letters are told to be as of now', async () => {
  openRecording(readRecording(lookup, 'lookup.recording.json'))
  vi.spyOn(runs, 'deadLetters').mockResolvedValue([
    {
      id: '1',
      at: 1,
      reason: 'nobody is called that',
      source: 'Historian',
      destination: 'Nobody',
      role: 'request',
      content: 'Who?',
      redelivered: '',
    },
  ])
  render(<DeadLetters />)
  await screen.findByText('Who?')
  expect(screen.queryByText(/As of now/)).toBeNull()
  seekTo(5)
  await screen.findByText(/As of now/)
})
