import type { Catalog } from '@/model/catalog'
import {
  nameOf,
  newId,
  regionList,
  type Connection,
  type Id,
  type PlanDocument,
  type Point,
  type Ref,
  type Region,
} from '@/model/document'
import type { Json } from '@/model/json'

/** Edits of regions and connections: each is a function of the document to the next one. */

/** A name that no region has: `wanted`, or the first free one of "wanted 2", "wanted 3", … */
export function freeName(document: PlanDocument, wanted: string): string {
  const taken = new Set(regionList(document).map((region) => region.name))
  let name = wanted
  for (let number = 2; taken.has(name); number += 1) name = `${wanted} ${number}`
  return name
}

const startNames: Record<string, string> = {
  Region: 'Region',
  FeedForwardRegion: 'Feed forward',
  RAGRegion: 'Memory',
  BroadcastRegion: 'Broadcast',
  ListenerRegion: 'Listener',
}

/** A new region of that type, and its id. */
export function addRegion(
  document: PlanDocument,
  type: string,
  position: Point,
): { document: PlanDocument; id: Id } {
  const region: Region = {
    id: newId(),
    name: freeName(document, startNames[type] ?? type),
    type,
    task: '',
    connections: [],
    llm: 'default',
    rag: 'default',
    parameters: {},
    position,
  }
  return { document: withRegions(document, [region]), id: region.id }
}

/** `document` and more regions, last in its order. */
export function withRegions(document: PlanDocument, regions: readonly Region[]): PlanDocument {
  return {
    ...document,
    regions: {
      ...document.regions,
      ...Object.fromEntries(regions.map((region) => [region.id, region])),
    },
    regionOrder: [...document.regionOrder, ...regions.map((region) => region.id)],
  }
}

export type RegionFields = Partial<Pick<Region, 'name' | 'task' | 'llm' | 'rag' | 'position'>>

export function changeRegion(document: PlanDocument, id: Id, fields: RegionFields): PlanDocument {
  const region = document.regions[id]
  if (!region) return document
  return { ...document, regions: { ...document.regions, [id]: { ...region, ...fields } } }
}

/** Another type: parameters that it lacks, and a listener's connections, go. */
export function changeType(
  document: PlanDocument,
  id: Id,
  type: string,
  catalog: Catalog,
): PlanDocument {
  const region = document.regions[id]
  if (!region) return document
  const known = catalog[type]?.parameters.map((one) => one.name) ?? []
  const kept = Object.entries(region.parameters).filter(([name]) => known.includes(name))
  const connections = catalog[type]?.connects === false ? [] : region.connections
  const changed = { ...region, type, connections, parameters: Object.fromEntries(kept) }
  return { ...document, regions: { ...document.regions, [id]: changed } }
}

/** A parameter's value; `undefined` leaves it at its default. */
export function setParameter(
  document: PlanDocument,
  id: Id,
  name: string,
  value: Json | undefined,
): PlanDocument {
  const region = document.regions[id]
  if (!region) return document
  const { [name]: _old, ...others } = region.parameters
  const parameters = value === undefined ? others : { ...region.parameters, [name]: value }
  return { ...document, regions: { ...document.regions, [id]: { ...region, parameters } } }
}

export function moveRegions(
  document: PlanDocument,
  places: Readonly<Record<Id, Point>>,
): PlanDocument {
  const moved = Object.entries(places).flatMap(([id, position]) => {
    const region = document.regions[id]
    return region ? [[id, { ...region, position }] as const] : []
  })
  return { ...document, regions: { ...document.regions, ...Object.fromEntries(moved) } }
}

/** Whether a connection from one to the other can be drawn. */
export function canConnect(document: PlanDocument, from: Id, to: Ref, catalog: Catalog): boolean {
  const source = document.regions[from]
  if (!source || from === to || catalog[source.type]?.connects === false) return false
  return !source.connections.some((connection) => connection.to === to)
}

/** A connection; what its source is told of the target is the target's task. */
export function connect(document: PlanDocument, from: Id, to: Ref): PlanDocument {
  const source = document.regions[from]
  if (!source || from === to || source.connections.some((one) => one.to === to)) return document
  const task = document.regions[to]?.task ?? ''
  return withConnections(document, source, [...source.connections, { to, task }])
}

/** A connection to a name that no region has, such as the print address. */
export function connectToName(document: PlanDocument, from: Id, name: string): PlanDocument {
  const [withName, ref] = outsider(document, name)
  return connect(withName, from, ref)
}

/** `document` with something of that name to refer to, and the reference. */
export function outsider(document: PlanDocument, name: string): [PlanDocument, Ref] {
  const region = regionList(document).find((one) => one.name === name)
  const known = region ?? Object.values(document.outsiders).find((one) => one.name === name)
  if (known) return [document, known.id]
  const id = newId()
  return [{ ...document, outsiders: { ...document.outsiders, [id]: { id, name } } }, id]
}

export function disconnect(document: PlanDocument, from: Id, to: Ref): PlanDocument {
  const source = document.regions[from]
  if (!source) return document
  return withConnections(
    document,
    source,
    source.connections.filter((connection) => connection.to !== to),
  )
}

export function setConnectionTask(
  document: PlanDocument,
  from: Id,
  to: Ref,
  task: string,
): PlanDocument {
  const source = document.regions[from]
  if (!source) return document
  const connections = source.connections.map((one) => (one.to === to ? { to, task } : one))
  return withConnections(document, source, connections)
}

function withConnections(
  document: PlanDocument,
  region: Region,
  connections: readonly Connection[],
): PlanDocument {
  const changed = { ...region, connections }
  return { ...document, regions: { ...document.regions, [region.id]: changed } }
}

/** The regions go, and with them everything that refers to them. */
export function removeRegions(document: PlanDocument, ids: readonly Id[]): PlanDocument {
  const gone = new Set(ids)
  const stays = (ref: Ref) => !gone.has(ref)
  const { cc, reroute_destination, ...rules } = document.postmaster
  return {
    ...document,
    regions: mapValues(pick(document.regions, stays), (region) => ({
      ...region,
      connections: region.connections.filter(({ to }) => stays(to)),
    })),
    regionOrder: document.regionOrder.filter(stays),
    layers: mapValues(document.layers, (layer) => ({
      ...layer,
      chains: layer.chains.map((chain) => ({ ...chain, regions: chain.regions.filter(stays) })),
      methods: layer.methods.filter((call) => stays(call.region)),
    })),
    messages: document.messages.filter((message) => stays(message.to)),
    steps: document.steps.filter(({ region }) => region === null || stays(region)),
    placement: pick(document.placement, stays),
    postmaster: {
      ...rules,
      ...(cc === undefined ? {} : { cc: cc?.filter(stays) ?? null }),
      ...(reroute_destination == null || stays(reroute_destination)
        ? reroute_destination === undefined
          ? {}
          : { reroute_destination }
        : {}),
    },
  }
}

const pick = <Value>(
  record: Readonly<Record<string, Value>>,
  keeps: (key: string) => boolean,
): Record<string, Value> => Object.fromEntries(Object.entries(record).filter(([key]) => keeps(key)))

const mapValues = <Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

/** The part of `document` that these regions are: what a copy holds. */
export function fragment(document: PlanDocument, ids: readonly Id[]): PlanDocument {
  const copied = regionList(document).filter((region) => ids.includes(region.id))
  const names = copied.flatMap((region) =>
    region.connections
      .filter(({ to }) => !ids.includes(to))
      .map(({ to }) => [to, { id: to, name: nameOf(document, to) }] as const),
  )
  return {
    ...document,
    regions: Object.fromEntries(copied.map((region) => [region.id, region])),
    regionOrder: copied.map((region) => region.id),
    outsiders: Object.fromEntries(names),
    layers: {},
    layerOrder: [],
    turns: [],
    messages: [],
    postmaster: {},
    steps: [],
    placement: {},
    resources: {},
  }
}

/**
 * The regions of `pasted` added under free names, moved by `by`. Connections among them stay among
 * them; those to others find the region of that name here, or go.
 */
export function paste(
  document: PlanDocument,
  pasted: PlanDocument,
  by: Point,
): { document: PlanDocument; ids: Id[] } {
  const fresh = new Map(pasted.regionOrder.map((id) => [id, newId()]))
  const byName = new Map(
    [...Object.values(document.outsiders), ...regionList(document)].map((one) => [
      one.name,
      one.id,
    ]),
  )
  const target = (ref: Ref) => fresh.get(ref) ?? byName.get(nameOf(pasted, ref))
  let grown = document
  for (const region of regionList(pasted)) {
    const copy: Region = {
      ...region,
      id: fresh.get(region.id) ?? newId(),
      name: freeName(grown, region.name),
      position: { x: region.position.x + by.x, y: region.position.y + by.y },
      connections: region.connections.flatMap(({ to, task }) => {
        const found = target(to)
        return found === undefined ? [] : [{ to: found, task }]
      }),
    }
    grown = withRegions(grown, [copy])
  }
  return { document: grown, ids: [...fresh.values()] }
}
