import type { Point } from '@/model/document'
import { entriesOf, isObject, type Json, type JsonObject } from '@/model/json'
import type { DrawnNode, Drawing } from '@/model/codec/drawing'

/** How a full state is drawn. What of it makes no sense is as good as absent, as in a plan. */
export function readStateDrawing(document: JsonObject): Drawing {
  const nodes = listIn(document.flowNodes)
  const ids = nodes.map((node) => (isObject(node) ? node.id : undefined))
  return {
    nodes: nodes.map((node, at) => drawn(node, usable(ids, at))),
    colors: listIn(document.chainColors).map(colorsIn),
  }
}

/** How a plan's `drawing` shows its `regions`. */
export function readPlanDrawing(section: Json | undefined, regions: readonly string[]): Drawing {
  const { positions, chain_colors } = objectIn(section)
  const places = new Map(entriesOf(objectIn(positions)))
  return {
    nodes: regions.map((name) => placed(pairIn(places.get(name)))),
    colors: listIn(chain_colors).map(colorsIn),
  }
}

/** An id counts if it is a text that no earlier node has, and no object has of itself. */
function usable(ids: readonly (Json | undefined)[], at: number): boolean {
  const id = ids[at]
  return typeof id === 'string' && id !== '' && !(id in {}) && ids.indexOf(id) === at
}

function drawn(node: Json, keepsId: boolean): DrawnNode {
  if (!isObject(node)) return {}
  const { x, y } = objectIn(node.position)
  return { ...(keepsId ? { id: node.id as string } : {}), ...placed(pointOf(x, y)) }
}

const placed = (position: Point | null): DrawnNode => (position ? { position } : {})

function pairIn(value: Json | undefined): Point | null {
  const [x, y, ...more] = listIn(value)
  return more.length === 0 ? pointOf(x, y) : null
}

const pointOf = (x: Json | undefined, y: Json | undefined): Point | null =>
  isNumber(x) && isNumber(y) ? { x, y } : null

const isNumber = (value: Json | undefined): value is number => Number.isFinite(value)

function colorsIn(value: Json): ReadonlyMap<string, number> {
  const pairs = entriesOf(objectIn(value)).filter(isColor)
  return new Map(pairs)
}

const isColor = (pair: [string, Json]): pair is [string, number] =>
  Number.isInteger(pair[1]) && Number(pair[1]) >= 0

const objectIn = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

const listIn = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : []
