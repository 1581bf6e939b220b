import { load } from '@/model/codec/read'
import { regionList, type PlanDocument } from '@/model/document'
import type { Json } from '@/model/json'
import { currentCatalog } from '@/store/catalog'
import { currentDocument } from '@/store/document'

/**
 * A run's plan to be drawn; null for one that cannot be. Regions of the open plan keep the places
 * they have there.
 */
export function documentOf(plan: Json, run: string): PlanDocument | null {
  try {
    const { document } = load([{ name: `${run}.json`, content: plan }], currentCatalog())
    return placedAs(document, currentDocument())
  } catch {
    return null
  }
}

function placedAs(document: PlanDocument, open: PlanDocument): PlanDocument {
  const places = new Map(regionList(open).map(({ name, position }) => [name, position]))
  if (!regionList(document).every(({ name }) => places.has(name))) return document
  const regions = Object.entries(document.regions).map(([id, region]) => [
    id,
    { ...region, position: places.get(region.name) ?? region.position },
  ])
  return { ...document, regions: Object.fromEntries(regions) as PlanDocument['regions'] }
}
