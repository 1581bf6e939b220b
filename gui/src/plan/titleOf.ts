import { nameOf, type Id, type PlanDocument } from '@/model/document'
import type { Dragged } from '@/plan/drops'

/** What is shown of a thing while it is dragged. */
export function titleOf(document: PlanDocument, dragged: Dragged): string {
  switch (dragged.kind) {
    case 'region':
      return nameOf(document, dragged.region)
    case 'turn':
      return layerTitle(document, layerOfTurn(document, dragged.turn))
    case 'layer':
      return layerTitle(document, dragged.layer)
    case 'chain':
      return chainName(document, dragged.layer, dragged.chain)
    case 'call':
      return methodName(document, dragged.layer, dragged.call)
  }
}

const layerTitle = ({ layerOrder }: PlanDocument, layer: Id) =>
  `Layer ${layerOrder.indexOf(layer) + 1}`

const layerOfTurn = ({ turns }: PlanDocument, turn: Id) =>
  turns.find(({ id }) => id === turn)?.layer ?? ''

const chainName = ({ layers }: PlanDocument, layer: Id, chain: Id) =>
  layers[layer]?.chains.find(({ id }) => id === chain)?.name ?? ''

const methodName = ({ layers }: PlanDocument, layer: Id, call: Id) =>
  layers[layer]?.methods.find(({ id }) => id === call)?.method ?? ''
