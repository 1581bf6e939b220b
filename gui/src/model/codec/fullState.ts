import type { Catalog } from '@/model/catalog'
import type { Point } from '@/model/document'
import { isObject, type Json, type JsonObject } from '@/model/json'
import type { RegionEntry } from '@/model/plan'
import type { DrawnNode, Drawing } from '@/model/codec/drawing'
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
  } else if (!(to.name in from.connections)) {
    const what = `is read as a connection from ${quoted(from.name)} to ${quoted(to.name)}`
    reading.repaired(place, 'repaired-connections', what)
    entries[source] = { ...from, connections: { ...from.connections, [to.name]: to.task } }
  }
}

/** Ids, places and colours. What of them makes no sense is as good as absent. */
export function readDrawing(document: JsonObject): Drawing {
  const nodes = Array.isArray(document.flowNodes) ? (document.flowNodes as readonly Json[]) : []
  const colors = Array.isArray(document.chainColors)
    ? (document.chainColors as readonly Json[])
    : []
  const ids = nodes.map((node) => (isObject(node) ? node.id : undefined))
  return {
    nodes: nodes.map((node, at) => drawn(node, usable(ids, at))),
    colors: colors.map(numbers),
  }
}

/** An id counts if it is a text that no earlier node has. */
const usable = (ids: readonly (Json | undefined)[], at: number) =>
  typeof ids[at] === 'string' && ids[at] !== '' && ids.indexOf(ids[at]) === at

function drawn(node: Json, keepsId: boolean): DrawnNode {
  if (!isObject(node)) return {}
  const position = pointIn(node.position)
  return {
    ...(keepsId ? { id: node.id as string } : {}),
    ...(position ? { position } : {}),
  }
}

function pointIn(value: Json | undefined): Point | null {
  if (!isObject(value)) return null
  const { x, y } = value
  return typeof x === 'number' && typeof y === 'number' ? { x, y } : null
}

function numbers(value: Json): Record<string, number> {
  if (!isObject(value)) return {}
  const pairs = Object.entries(value).filter(([, color]) => Number.isInteger(color))
  return Object.fromEntries(pairs) as Record<string, number>
}
