import type { Id, PlanDocument, Ref } from '@/model/document'
import {
  addChain,
  moveCall,
  moveChain,
  moveLayer,
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
  | { readonly kind: 'chain'; readonly layer: Id; readonly chain: Id }
  | { readonly kind: 'layer'; readonly layer: Id }

/** What it can be dropped on. */
export type Target =
  | { readonly kind: 'chain'; readonly layer: Id; readonly chain: Id; readonly at: number }
  | { readonly kind: 'new-chain'; readonly layer: Id }
  | { readonly kind: 'machine'; readonly worker: string }
  | { readonly kind: 'call'; readonly layer: Id; readonly region: Ref; readonly at: number }
  | { readonly kind: 'turn'; readonly at: number }
  /** The place of a chain among those of its layer. */
  | { readonly kind: 'row'; readonly layer: Id; readonly at: number }
  | { readonly kind: 'layer'; readonly at: number }

/** Whether `target` takes what is dragged. */
export function takes(target: Target, dragged: Dragged): boolean {
  switch (dragged.kind) {
    case 'region':
      return ['chain', 'new-chain', 'machine'].includes(target.kind)
    case 'call':
      return (
        target.kind === 'call' && target.region === dragged.region && target.layer === dragged.layer
      )
    case 'chain':
      return target.kind === 'row' && target.layer === dragged.layer
    case 'turn':
    case 'layer':
      return target.kind === dragged.kind
  }
}

/** The document after the drop on a target that takes what is dragged. */
export function dropped(document: PlanDocument, dragged: Dragged, target: Target): PlanDocument {
  if (dragged.kind === 'region') {
    return regionDropped(document, dragged.region, dragged.from, target)
  }
  if (!takes(target, dragged) || !('at' in target)) return document
  switch (dragged.kind) {
    case 'call':
      return moveCall(document, dragged.layer, dragged.call, target.at)
    case 'chain':
      return moveChain(document, dragged, target.at)
    case 'layer':
      return moveLayer(document, dragged.layer, target.at)
    case 'turn':
      return moveTurn(document, dragged.turn, target.at)
  }
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
