import type { Catalog } from '@/model/catalog'
import { isObject, type Json, type JsonObject } from '@/model/json'
import type { RegionEntry } from '@/model/plan'
import { editorKeys } from '@/model/codec/layers'
import { quoted, type Reading } from '@/model/codec/reading'
import { RegionReader, tasksOf } from '@/model/codec/regions'
import { sectionKeys } from '@/model/codec/sections'

const drawingKeys = ['flowNodes', 'flowEdges', 'chainColors']

/** Everything but the drawing; layers that were not saved are empty. */
export function readLayerFields(reading: Reading, document: JsonObject): JsonObject {
  const { layers, methods, order } = editorKeys
  const keys = [...drawingKeys, layers, methods, order, ...sectionKeys]
  const fields = { ...reading.known(document, '', keys) }
  for (const key of [layers, methods]) {
    if (fields[key] != null) continue
    reading.repaired(key, 'missing-key', 'is missing; taken as empty')
    fields[key] = []
  }
  return fields
}

/** The regions of `flowNodes`, their connections completed from `flowEdges`. */
export function readNodes(reading: Reading, document: JsonObject, catalog: Catalog): RegionEntry[] {
  const nodes = reading.list(document.flowNodes, 'flowNodes')
  const params = nodes.map((node, at) => readParams(reading, node, `flowNodes[${at}]`))
  const reader = new RegionReader(reading, catalog, tasksOf(params))
  const entries = params.map((one, at) => reader.read(one, `flowNodes[${at}].data.params`))
  const at = new Map(nodes.map((node, index) => [isObject(node) ? node.id : undefined, index]))
  reading.list(document.flowEdges ?? [], 'flowEdges').forEach((edge, index) => {
    connect(reading, reading.object(edge, `flowEdges[${index}]`, 'an edge'), index, at, entries)
  })
  return entries
}

/** A node's region as a regions file would hold it. */
function readParams(reading: Reading, node: Json, place: string): JsonObject {
  const data = reading.object(reading.object(node, place, 'a node').data, `${place}.data`)
  const params = reading.object(data.params, `${place}.data.params`)
  return data.typeName == null ? params : { ...params, type: data.typeName }
}

function connect(
  reading: Reading,
  edge: JsonObject,
  index: number,
  at: ReadonlyMap<Json | undefined, number>,
  entries: RegionEntry[],
): void {
  const place = `flowEdges[${index}]`
  const [source, target] = [edge.source, edge.target].map((end) =>
    typeof end === 'string' ? at.get(end) : undefined,
  )
  const from = source === undefined ? undefined : entries[source]
  const to = target === undefined ? undefined : entries[target]
  if (source === undefined || !from || !to) {
    reading.repaired(place, 'dangling-edge', 'joins no two regions; it is ignored')
  } else if (!from.connections.has(to.name)) {
    const what = `is read as a connection from ${quoted(from.name)} to ${quoted(to.name)}`
    reading.repaired(place, 'repaired-connections', what)
    entries[source] = { ...from, connections: new Map(from.connections).set(to.name, to.task) }
  }
}
