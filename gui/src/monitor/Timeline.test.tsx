import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test } from 'vitest'
import lookup from '@/model/run/fixtures/lookup.recording.json?raw'
import { readRecording } from '@/model/run/readRecording'
import { Timeline } from '@/monitor/Timeline'
import { leave, openRecording, useRun } from '@/store/run'

beforeEach(() => {
  openRecording(readRecording(lookup, 'lookup.recording.json'))
  render(<Timeline />)
})

afterEach(() => {
  cleanup()
  leave()
})

const bars = () => screen.getAllByRole('button', { name: / · / })
const here = () => document.activeElement?.getAttribute('aria-label') ?? ''

test('the bars are one tab stop, each with a name to be spoken', () => {
  expect(bars().filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1)
  expect(bars().map((bar) => bar.getAttribute('aria-label'))).toEqual([
    expect.stringMatching(/^Historian · make_questions: done, .+, from .+ on$/),
    expect.stringMatching(/^Facts · make_replies: done/),
    expect.stringMatching(/^Biographies · make_replies: done/),
    expect.stringMatching(/^Historian · make_replies: done/),
  ])
})

test('arrows go from row to row and stay in a row; Enter selects the step and goes to its end', async () => {
  bars()[0]?.focus()
  await userEvent.keyboard('{ArrowRight}')
  expect(here()).toMatch(/^Historian · make_questions/)
  await userEvent.keyboard('{ArrowDown}')
  expect(here()).toMatch(/^Facts/)
  await userEvent.keyboard('{ArrowDown}')
  expect(here()).toMatch(/^Biographies/)
  await userEvent.keyboard('{ArrowUp}{Enter}')
  const { selection, document: plan, view } = useRun.getState()
  expect(selection.regions.map((id) => plan?.regions[id]?.name)).toEqual(['Facts'])
  expect(view.steps.get('0001-001-000')?.state).toBe('done')
  expect(view.status).toBe('running')
  expect(here()).toMatch(/^Facts/)
})
