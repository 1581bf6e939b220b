import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import RunDialog from '@/app/RunDialog'
import * as runs from '@/api/runs'
import lookup from '@examples/lookup/plan.json'
import { load } from '@/model/codec/read'
import { builtinCatalog } from '@/model/builtin'
import { openDocument } from '@/store/document'

vi.hoisted(() => vi.stubGlobal('matchMedia', () => ({ matches: false })))

beforeEach(() => {
  // jsdom has no dialogs that open.
  HTMLDialogElement.prototype.showModal = vi.fn(function (this: HTMLDialogElement) {
    this.open = true
  })
  openDocument(load([{ name: 'lookup.json', content: lookup }], builtinCatalog).document)
})

afterEach(cleanup)

/** What the coordinator is asked for once the dialog is filled in so and sent. */
async function asked(fill: () => Promise<unknown>) {
  const begin = vi.spyOn(runs, 'begin').mockResolvedValue({ run: 'r', findings: [] })
  render(<RunDialog />)
  await fill()
  await userEvent.click(screen.getByRole('button', { name: 'Run' }))
  return begin.mock.calls.map(([, options]) => options)
}

test('as it opens, it runs the whole plan, as the Run button does', async () => {
  expect(await asked(() => Promise.resolve())).toEqual([{}])
})

test('layers from one to another are run, for so long, one by one', async () => {
  const options = await asked(async () => {
    await userEvent.selectOptions(screen.getByLabelText('From'), 'Layer 2 (facts, people)')
    await userEvent.type(screen.getByLabelText('Time limit, in seconds'), '90')
    await userEvent.click(screen.getByLabelText('Layer by layer'))
  })
  expect(options).toEqual([{ layers: [1, 2], timeout: 90, step: true }])
})

test('the last layer is never before the first', async () => {
  const options = await asked(async () => {
    await userEvent.selectOptions(screen.getByLabelText('From'), 'Layer 3 (answer)')
    await userEvent.selectOptions(screen.getByLabelText('To'), 'Layer 1 (ask)')
  })
  expect(options).toEqual([{ layers: [0] }])
})
