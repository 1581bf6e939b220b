import type { Id, PlanDocument } from '@/model/document'

/** The thing of a document that a finding is about. */
export type Place =
  | { readonly kind: 'plan' }
  | { readonly kind: 'region'; readonly region: Id }
  | { readonly kind: 'layer'; readonly layer: Id }
  | { readonly kind: 'call'; readonly layer: Id; readonly call: Id; readonly region: Id }
  | { readonly kind: 'settings'; readonly section: 'postmaster' | 'steps' | 'placement' }

/** What stands at `where`, a place in the plan's file. */
export function locate(document: PlanDocument, where: string): Place {
  const [, section = '', first, second] = /^([a-z_]+)(?:\[(\d+)\])?(?:\[(\d+)\])?/.exec(where) ?? []
  if (section === 'regions') return regionAt(document, Number(first))
  if (section === 'layer_config') return layerAt(document, Number(first))
  if (section === 'execution_config') return callAt(document, Number(first), Number(second))
  if (section === 'postmaster' || section === 'steps' || section === 'placement') {
    return { kind: 'settings', section }
  }
  return { kind: 'plan' }
}

function regionAt(document: PlanDocument, at: number): Place {
  const region = document.regionOrder[at]
  return region === undefined ? { kind: 'plan' } : { kind: 'region', region }
}

function layerAt(document: PlanDocument, at: number): Place {
  const layer = document.layerOrder[at]
  return layer === undefined ? { kind: 'plan' } : { kind: 'layer', layer }
}

function callAt(document: PlanDocument, at: number, number: number): Place {
  const layer = document.layers[document.layerOrder[at] ?? '']
  const call = layer?.methods[number]
  if (!layer || !call) return { kind: 'plan' }
  return { kind: 'call', layer: layer.id, call: call.id, region: call.region }
}
