import type { Id, PlanDocument, Ref } from '@/model/document'
import {
  addChain,
  moveCall,
  moveToChain,
  moveTurn,
  putInChain,
  type Spot,
} from '@/model/edits/layers'
import { placeRegion } from '@/model/edits/settings'

/** What is dragged about the lanes. */
export type Dragged =
  | { readonly kind: 'region'; readonly region: Ref; readonly from: Id | null }
  | { readonly kind: 'call'; readonly layer: Id; readonly region: Ref; readonly call: Id }
  | { readonly kind: 'turn'; readonly turn: Id }

/** What it can be dropped on. */
export type Target =
  | { readonly kind: 'chain'; readonly layer: Id; readonly chain: Id; readonly at: number }
  | { readonly kind: 'new-chain'; readonly layer: Id }
  | { readonly kind: 'machine'; readonly worker: string }
  | { readonly kind: 'call'; readonly layer: Id; readonly region: Ref; readonly at: number }
  | { readonly kind: 'turn'; readonly at: number }

/** Whether `target` takes what is dragged. */
export function takes(target: Target, dragged: Dragged): boolean {
  if (dragged.kind === 'region') {
    return target.kind === 'chain' || target.kind === 'new-chain' || target.kind === 'machine'
  }
  if (dragged.kind === 'turn') return target.kind === 'turn'
  const own = target.kind === 'call' && target.region === dragged.region
  return own && target.layer === dragged.layer
}

/** The document after the drop. */
export function dropped(document: PlanDocument, dragged: Dragged, target: Target): PlanDocument {
  if (dragged.kind === 'region') {
    return regionDropped(document, dragged.region, dragged.from, target)
  }
  if (dragged.kind === 'turn' && target.kind === 'turn') {
    return moveTurn(document, dragged.turn, target.at)
  }
  if (dragged.kind === 'call' && target.kind === 'call') {
    return moveCall(document, dragged.layer, dragged.call, target.at)
  }
  return document
}

function regionDropped(
  document: PlanDocument,
  region: Ref,
  from: Id | null,
  target: Target,
): PlanDocument {
  if (target.kind === 'machine') return placeRegion(document, region, { worker: target.worker })
  if (target.kind === 'chain') return put(document, region, from, target, target.at)
  if (target.kind !== 'new-chain') return document
  const grown = addChain(document, target.layer)
  const chain = grown.layers[target.layer]?.chains.at(-1)?.id ?? ''
  return put(grown, region, from, { layer: target.layer, chain })
}

function put(
  document: PlanDocument,
  region: Ref,
  from: Id | null,
  spot: Spot,
  at?: number,
): PlanDocument {
  return from === null
    ? putInChain(document, region, spot, at)
    : moveToChain(document, region, from, spot, at)
}
