import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { emptyDocument } from '@/model/document'
import { currentDocument, edit, openDocument } from '@/store/document'
import { keepDraft, restoreDraft } from '@/store/draft'

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  openDocument(emptyDocument)
})

afterEach(() => vi.useRealTimers())

const call = (title: string) => edit((document) => ({ ...document, title }))

it('a plan is there again after a reload', () => {
  const stop = keepDraft()
  call('Lookup')
  vi.runAllTimers()
  stop()
  openDocument(emptyDocument)

  expect(restoreDraft()).toEqual({ unreadable: false })
  expect(currentDocument().title).toBe('Lookup')
})

it('an edit just before the page goes is kept', () => {
  const stop = keepDraft()
  call('Last words')
  dispatchEvent(new Event('pagehide'))
  const kept = localStorage.getItem('regions.draft')
  stop()

  expect(kept).toContain('Last words')
})

it('a draft of an older version has defaults for what it did not know', () => {
  const { messages: _, ...older } = { ...emptyDocument, title: 'Old' }
  localStorage.setItem('regions.draft', JSON.stringify({ version: 1, document: older }))

  expect(restoreDraft()).toEqual({ unreadable: false })
  expect(currentDocument()).toEqual({ ...emptyDocument, title: 'Old' })
})

it.each([
  'nonsense',
  '{"version": 99, "document": {}}',
  '{"version": 1, "document": {"layers": 3}}',
])('a draft that cannot be read is put aside: %s', (text) => {
  localStorage.setItem('regions.draft', text)

  expect(restoreDraft()).toEqual({ unreadable: true })
  expect(currentDocument()).toEqual(emptyDocument)
  expect(localStorage.getItem('regions.draft.unreadable')).toBe(text)
})
