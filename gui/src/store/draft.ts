import { builtinCatalog } from '@/model/builtin'
import { emptyDocument, type PlanDocument } from '@/model/document'
import { isObject, type Json } from '@/model/json'
import { validate } from '@/model/validate'
import { currentDocument, openDocument, useDocument } from '@/store/document'

/** The plan as it stands is kept in the browser, so that a reload loses nothing. */

const key = 'regions.draft'
const asideKey = 'regions.draft.unreadable'
const version = 1
const pause = 150

export interface Restored {
  /** Whether a draft was there that this version cannot read; it is kept aside. */
  readonly unreadable: boolean
}

/** Open the draft, if there is one. */
export function restoreDraft(): Restored {
  const text = localStorage.getItem(key)
  if (text === null) return { unreadable: false }
  const document = readDraft(text)
  if (document) openDocument(document)
  else localStorage.setItem(asideKey, text)
  return { unreadable: document === null }
}

/** Keep each edit, a moment after it or when the page goes; returns the way to stop. */
export function keepDraft(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const save = () => {
    clearTimeout(timer)
    localStorage.setItem(key, JSON.stringify({ version, document: currentDocument() }))
  }
  const stop = useDocument.subscribe(() => {
    clearTimeout(timer)
    timer = setTimeout(save, pause)
  })
  addEventListener('pagehide', save)
  return () => {
    save()
    stop()
    removeEventListener('pagehide', save)
  }
}

/** The document of a draft; what an older version did not know stands at its default. */
function readDraft(text: string): PlanDocument | null {
  try {
    const draft = JSON.parse(text) as Json
    if (!isObject(draft) || draft.version !== version || !isObject(draft.document)) return null
    const document = { ...emptyDocument, ...draft.document }
    if (!isShaped(document)) return null
    validate(document, builtinCatalog)
    return document
  } catch {
    return null
  }
}

/** Whether each part is of the kind that it has in an empty plan. */
function isShaped(document: PlanDocument): boolean {
  return Object.entries(emptyDocument).every(([part, empty]) => {
    const found: unknown = document[part as keyof PlanDocument]
    return empty === null || kindOf(found) === kindOf(empty)
  })
}

const kindOf = (value: unknown) => (Array.isArray(value) ? 'list' : typeof value)
