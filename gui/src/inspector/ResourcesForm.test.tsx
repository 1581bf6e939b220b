import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ResourcesForm } from '@/inspector/ResourcesForm'
import { emptyDocument } from '@/model/document'
import type { Resources } from '@/model/plan'
import { currentDocument, openDocument } from '@/store/document'

beforeEach(() => openDocument({ ...emptyDocument, resources: { llm: { a: {} }, rag: { b: {} } } }))
afterEach(cleanup)

async function fill(label: string, text: string): Promise<Resources> {
  const field = screen.getAllByLabelText(label)[0]
  if (!field) throw new Error(`no field ${label}`)
  await userEvent.clear(field)
  await userEvent.paste(text)
  await userEvent.tab()
  return currentDocument().resources
}

it.each<[string, string, Resources]>([
  ['Address', 'http://nas', { llm: { a: { url: 'http://nas' } } }],
  ['Timeout, s', '0.5', { llm: { a: { timeout: 0.5 } } }],
  ['params', '{"top_k": 1}', { llm: { a: { params: { top_k: 1 } } } }],
  [
    'Documents, stored before it starts',
    'a.md,b.md',
    { rag: { b: { documents: ['a.md', 'b.md'] } } },
  ],
  ['Overlap', '0', { rag: { b: { overlap: 0 } } }],
])('%s is kept as its kind of value, and left out once it is empty', async (label, text, kept) => {
  render(<ResourcesForm />)
  expect(await fill(label, text)).toMatchObject(kept)
  expect(await fill(label, '')).toEqual({ llm: { a: {} }, rag: { b: {} } })
})

it('what is no whole number of the range stays out of the plan, and is told', async () => {
  render(<ResourcesForm />)
  await fill('Characters a chunk', '512')
  const field = screen.getByLabelText('Characters a chunk')
  await userEvent.clear(field)
  await userEvent.type(field, '4')
  expect(screen.getByText('16 or more is needed.')).toBeDefined()
  expect(currentDocument().resources.rag).toEqual({ b: {} })
})
