import { beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyDocument, regionList } from '@/model/document'
import { addRegion, changeRegion, connect } from '@/model/edits/regions'
import { copyText, cutText, pasteText } from '@/store/clipboard'
import { currentDocument, openDocument, undo } from '@/store/document'
import { currentSelection, select } from '@/store/view'

// The view asks the browser which colours are liked, as it is loaded.
vi.hoisted(() => vi.stubGlobal('matchMedia', () => ({ matches: false })))

const names = () => regionList(currentDocument()).map((region) => region.name)

/** Two regions, the first of which may write to the second; both selected. */
beforeEach(() => {
  const hub = addRegion(emptyDocument, 'Region', { x: 0, y: 0 })
  const ear = addRegion(hub.document, 'RAGRegion', { x: 300, y: 0 })
  let document = changeRegion(ear.document, hub.id, { name: 'Hub', task: 'Asks.' })
  document = changeRegion(document, ear.id, { name: 'Ear' })
  openDocument(connect(document, hub.id, ear.id))
  select({ regions: [hub.id, ear.id] })
})

describe('what is copied', () => {
  it('comes back under new names, with its tasks and the connections within it', () => {
    expect(pasteText(copyText() ?? '')).toBe(true)

    const [, , hub, ear] = regionList(currentDocument())
    expect(names()).toHaveLength(4)
    expect(new Set(names()).size).toBe(4)
    expect(hub).toMatchObject({ type: 'Region', task: 'Asks.' })
    expect(hub?.connections.map(({ to }) => to)).toEqual([ear?.id])
    expect(currentSelection().regions).toEqual([hub?.id, ear?.id])
  })

  it('lies beside what it was copied from, each time further off', () => {
    const text = copyText() ?? ''
    pasteText(text)
    pasteText(text)

    const places = regionList(currentDocument()).map((region) => region.position.x)
    expect(places).toEqual([0, 300, 40, 340, 80, 380])
  })

  it('is gone again after one undo', () => {
    pasteText(copyText() ?? '')
    undo()
    expect(names()).toEqual(['Hub', 'Ear'])
  })

  it('leaves the plan when it is cut, and can be pasted into another', () => {
    const text = cutText() ?? ''
    expect(names()).toEqual([])

    openDocument(emptyDocument)
    pasteText(text)
    expect(names()).toEqual(['Hub', 'Ear'])
  })
})

it.each(['', 'a shopping list', '{}', '[]', '{"name": 7}'])(
  'text that holds no regions changes nothing: %j',
  (text) => {
    expect(pasteText(text)).toBe(false)
    expect(names()).toEqual(['Hub', 'Ear'])
  },
)

it('nothing is copied where nothing is selected', () => {
  select({ regions: [] })
  expect(copyText()).toBeNull()
})
