import { parseJson } from '@/model/codec/parse'
import { formOf, load } from '@/model/codec/read'
import { writePlan } from '@/model/codec/write'
import { fragment, paste, removeRegions } from '@/model/edits/regions'
import { stringify } from '@/model/json'
import { currentCatalog } from '@/store/catalog'
import { currentDocument, edit } from '@/store/document'
import { currentSelection, select } from '@/store/view'

/** Regions travel as the text of a plan, so that they can be pasted into any plan, or a file. */

const step = 40
let pastes = 0

/** The selected regions as text; null where none is selected. */
export function copyText(): string | null {
  const { regions } = currentSelection()
  pastes = 0
  if (regions.length === 0) return null
  return stringify(writePlan(fragment(currentDocument(), regions)), 2)
}

/** Add the regions that `text` holds, and select them. Whether it held any. */
export function pasteText(text: string): boolean {
  const pasted = readRegions(text)
  if (!pasted) return false
  pastes += 1
  const by = { x: step * pastes, y: step * pastes }
  let ids: readonly string[] = []
  edit((document) => {
    const result = paste(document, pasted, by)
    ids = result.ids
    return result.document
  })
  select({ regions: ids })
  return true
}

function readRegions(text: string) {
  try {
    const content = parseJson(text, 'clipboard')
    if (formOf(content) === null) return null
    const { document } = load([{ name: 'clipboard', content }], currentCatalog())
    return document.regionOrder.length > 0 ? document : null
  } catch {
    return null
  }
}

/** Copy the selected regions, and take them out of the plan. */
export function cutText(): string | null {
  const text = copyText()
  const { regions } = currentSelection()
  if (text !== null) edit((document) => removeRegions(document, regions))
  return text
}
