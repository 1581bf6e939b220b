import { chainColorCount } from '@/model/codec/drawing'
import {
  newId,
  type Chain,
  type Id,
  type Layer,
  type MethodCall,
  type PlanDocument,
  type Ref,
  type Turn,
} from '@/model/document'

/** Edits of layers, their chains, what their regions do, and the order in which they run. */

/** Where a region stands: a chain of a layer. */
export interface Spot {
  readonly layer: Id
  readonly chain: Id
}

/** A new layer at that place of the list, with one empty chain and a turn of its own. */
export function insertLayer(
  document: PlanDocument,
  at: number,
): { document: PlanDocument; id: Id } {
  const id = newId()
  const layer: Layer = { id, chains: [newChain([])], methods: [] }
  const before = document.layerOrder[at - 1]
  const turn = { id: newId(), layer: id }
  return {
    id,
    document: {
      ...document,
      layers: { ...document.layers, [id]: layer },
      layerOrder: inserted(document.layerOrder, id, at),
      turns: inserted(document.turns, turn, turnAfter(document.turns, before)),
    },
  }
}

/** The place behind the last turn of `layer`; the first place of all without one. */
function turnAfter(turns: readonly Turn[], layer: Id | undefined): number {
  const last = turns.findLastIndex((turn) => turn.layer === layer)
  if (layer === undefined) return 0
  return last < 0 ? turns.length : last + 1
}

/** The layer goes, and its turns. */
export function removeLayer(document: PlanDocument, id: Id): PlanDocument {
  const { [id]: _gone, ...layers } = document.layers
  return {
    ...document,
    layers,
    layerOrder: document.layerOrder.filter((one) => one !== id),
    turns: document.turns.filter((turn) => turn.layer !== id),
  }
}

/** The layer stands elsewhere in the list; while each layer runs once as listed, it runs so, too. */
export function moveLayer(document: PlanDocument, id: Id, to: number): PlanDocument {
  const layerOrder = moved(document.layerOrder, document.layerOrder.indexOf(id), to)
  if (layerOrder === document.layerOrder) return document
  const turns = runsAsListed(document)
    ? moved(document.turns, document.layerOrder.indexOf(id), to)
    : document.turns
  return { ...document, layerOrder, turns }
}

/** Whether each layer has one turn, in the order of the list. */
export function runsAsListed(document: PlanDocument): boolean {
  const { turns, layerOrder } = document
  return (
    turns.length === layerOrder.length && turns.every((turn, at) => turn.layer === layerOrder[at])
  )
}

export function addTurn(document: PlanDocument, layer: Id): PlanDocument {
  return { ...document, turns: [...document.turns, { id: newId(), layer }] }
}

export function removeTurn(document: PlanDocument, id: Id): PlanDocument {
  return { ...document, turns: document.turns.filter((turn) => turn.id !== id) }
}

export function moveTurn(document: PlanDocument, id: Id, to: number): PlanDocument {
  const from = document.turns.findIndex((turn) => turn.id === id)
  const turns = moved(document.turns, from, to)
  return turns === document.turns ? document : { ...document, turns }
}

export function addChain(document: PlanDocument, layer: Id): PlanDocument {
  return changeLayer(document, layer, (one) => ({
    ...one,
    chains: [...one.chains, newChain(one.chains)],
  }))
}

/** The chain takes another place among those of its layer. */
export function moveChain(document: PlanDocument, { layer, chain }: Spot, to: number) {
  return changeLayer(document, layer, (one) => {
    const from = one.chains.findIndex(({ id }) => id === chain)
    const chains = moved(one.chains, from, to)
    return chains === one.chains ? one : { ...one, chains }
  })
}

/** A chain of a name and colour that no other of them has, while there are any. */
export function newChain(others: readonly Chain[]): Chain {
  const names = others.map((chain) => chain.name)
  let number = others.length + 1
  while (names.includes(`chain ${number}`)) number += 1
  const colors = Array.from({ length: chainColorCount }, (_, color) => color)
  const free = colors.find((color) => !others.some((chain) => chain.color === color)) ?? 0
  return { id: newId(), name: `chain ${number}`, color: free, regions: [] }
}

/** Another name, unless another chain of the layer has it: files know chains by their names. */
export function renameChain(document: PlanDocument, spot: Spot, name: string): PlanDocument {
  const layer = document.layers[spot.layer]
  const taken = layer?.chains.some((chain) => chain.name === name && chain.id !== spot.chain)
  return taken || name.trim() === ''
    ? document
    : changeChain(document, spot, (chain) => ({ ...chain, name }))
}

export function colorChain(document: PlanDocument, spot: Spot, color: number): PlanDocument {
  return changeChain(document, spot, (chain) => ({ ...chain, color }))
}

/** The chain goes, and what its regions did in the layer. */
export function removeChain(document: PlanDocument, spot: Spot): PlanDocument {
  return changeLayer(document, spot.layer, (layer) => {
    const chains = layer.chains.filter((chain) => chain.id !== spot.chain)
    return withoutLost(layer, { ...layer, chains })
  })
}

/** A region at a place of a chain; it leaves another chain of the layer, for it may stand in one. */
export function putInChain(
  document: PlanDocument,
  region: Ref,
  spot: Spot,
  at = Number.MAX_SAFE_INTEGER,
): PlanDocument {
  return changeLayer(document, spot.layer, (layer) => {
    const chains = layer.chains.map((chain) => {
      const others = chain.regions.filter((one) => one !== region)
      const regions = chain.id === spot.chain ? inserted(others, region, at) : others
      return sameList(regions, chain.regions) ? chain : { ...chain, regions }
    })
    return sameList(chains, layer.chains) ? layer : { ...layer, chains }
  })
}

/** A region moves from a layer to a chain, of that or another layer, and what it does goes along. */
export function moveToChain(
  document: PlanDocument,
  region: Ref,
  from: Id,
  spot: Spot,
  at?: number,
): PlanDocument {
  if (from === spot.layer) return putInChain(document, region, spot, at)
  const calls = document.layers[from]?.methods.filter((call) => call.region === region) ?? []
  const left = takeFromLayer(document, region, from)
  return changeLayer(putInChain(left, region, spot, at), spot.layer, (layer) => ({
    ...layer,
    methods: [...layer.methods, ...calls],
  }))
}

/** The region leaves the layer, and what it did there goes. */
export function takeFromLayer(document: PlanDocument, region: Ref, layer: Id): PlanDocument {
  return changeLayer(document, layer, (one) => ({
    ...one,
    chains: one.chains.map((chain) => ({
      ...chain,
      regions: chain.regions.filter((member) => member !== region),
    })),
    methods: one.methods.filter((call) => call.region !== region),
  }))
}

export function addCall(document: PlanDocument, layer: Id, region: Ref, method: string) {
  const call: MethodCall = { id: newId(), region, method }
  return changeLayer(document, layer, (one) => ({ ...one, methods: [...one.methods, call] }))
}

export function removeCall(document: PlanDocument, layer: Id, call: Id): PlanDocument {
  return changeLayer(document, layer, (one) => ({
    ...one,
    methods: one.methods.filter(({ id }) => id !== call),
  }))
}

/** The call takes another place among its region's calls. */
export function moveCall(document: PlanDocument, layer: Id, call: Id, to: number): PlanDocument {
  return changeLayer(document, layer, (one) => {
    const region = one.methods.find(({ id }) => id === call)?.region
    const own = one.methods.filter((other) => other.region === region)
    const from = own.findIndex(({ id }) => id === call)
    const queue = moved(own, from, to)
    if (queue === own) return one
    let next = 0
    return {
      ...one,
      methods: one.methods.map((other) => {
        if (other.region !== region) return other
        next += 1
        return queue[next - 1] ?? other
      }),
    }
  })
}

function changeLayer(
  document: PlanDocument,
  id: Id,
  change: (layer: Layer) => Layer,
): PlanDocument {
  const layer = document.layers[id]
  const next = layer && change(layer)
  if (!next || next === layer) return document
  return { ...document, layers: { ...document.layers, [id]: next } }
}

function changeChain(
  document: PlanDocument,
  spot: Spot,
  change: (chain: Chain) => Chain,
): PlanDocument {
  return changeLayer(document, spot.layer, (layer) => ({
    ...layer,
    chains: layer.chains.map((chain) => (chain.id === spot.chain ? change(chain) : chain)),
  }))
}

/** `after` without the calls of regions that `before` held in a chain and it does not. */
function withoutLost(before: Layer, after: Layer): Layer {
  const held = new Set(before.chains.flatMap((chain) => chain.regions))
  const holds = new Set(after.chains.flatMap((chain) => chain.regions))
  const methods = after.methods.filter(({ region }) => holds.has(region) || !held.has(region))
  return { ...after, methods }
}

const sameList = <Thing>(one: readonly Thing[], other: readonly Thing[]) =>
  one.length === other.length && one.every((thing, at) => thing === other[at])

function inserted<Thing>(list: readonly Thing[], thing: Thing, at: number): Thing[] {
  return [...list.slice(0, at), thing, ...list.slice(at)]
}

/** The same list where nothing moves. */
function moved<Thing>(list: readonly Thing[], from: number, to: number): readonly Thing[] {
  const thing = list[from]
  const place = Math.max(0, Math.min(to, list.length - 1))
  if (thing === undefined || place === from) return list
  return inserted(
    list.filter((_, at) => at !== from),
    thing,
    place,
  )
}
