import { beforeEach, describe, expect, it } from 'vitest'
import { emptyDocument } from '@/model/document'
import { addRegion, changeRegion } from '@/model/edits/regions'
import { currentDocument, edit, endGesture, openDocument, redo, undo } from '@/store/document'

const rename = (title: string, during?: string) =>
  edit((document) => ({ ...document, title }), during)

beforeEach(() => {
  openDocument(emptyDocument)
  openDocument(emptyDocument)
})

describe('the history', () => {
  it('is 200 steps deep, back and forth', () => {
    for (let step = 1; step <= 250; step += 1) rename(`step ${step}`)
    for (let step = 0; step < 300; step += 1) undo()
    expect(currentDocument().title).toBe('step 50')
    for (let step = 0; step < 300; step += 1) redo()
    expect(currentDocument().title).toBe('step 250')
  })

  it('takes what is typed into one field as one step', () => {
    for (const title of ['L', 'Lo', 'Look']) rename(title, 'title')
    endGesture()
    for (const title of ['Look', 'Looku', 'Lookup']) rename(title, 'title')
    undo()
    expect(currentDocument().title).toBe('Look')
    undo()
    expect(currentDocument().title).toBe('Untitled plan')
  })

  it('begins a new step where typing goes on after an undo', () => {
    rename('a', 'title')
    rename('ab', 'title')
    undo()
    rename('b', 'title')
    undo()
    expect(currentDocument().title).toBe('Untitled plan')
  })

  it('knows no step in which nothing changed', () => {
    rename('a')
    edit((document) => document)
    undo()
    expect(currentDocument().title).toBe('Untitled plan')
  })

  it('goes back to the plan that was open before, if that held anything', () => {
    rename('empty')
    openDocument(addRegion(emptyDocument, 'Region', { x: 0, y: 0 }).document)
    undo()
    expect(currentDocument().regionOrder).toHaveLength(1)
    openDocument(emptyDocument)
    undo()
    expect(currentDocument().regionOrder).toHaveLength(1)
  })
})

it('renaming a region changes one field, whatever refers to it', () => {
  const { document, id } = addRegion(emptyDocument, 'Region', { x: 0, y: 0 })
  const renamed = changeRegion(document, id, { name: 'Historian' })
  expect({ ...renamed, regions: {} }).toEqual({ ...document, regions: {} })
})
