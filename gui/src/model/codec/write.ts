import {
  layerList,
  nameOf,
  regionList,
  type PlanDocument,
  type Region,
  type StepRule,
} from '@/model/document'
import { objectOf, type JsonObject } from '@/model/json'
import type { Plan, Postmaster, RegionEntry } from '@/model/plan'
import { writeRegion } from '@/model/codec/regions'

/** The plan that `document` draws: references become names. */
export function toPlan(document: PlanDocument): Plan {
  const name = (ref: string) => nameOf(document, ref)
  const layers = layerList(document)
  return {
    regions: regionList(document).map((region) => toEntry(region, name)),
    layer_config: layers.map(
      ({ chains }) => new Map(chains.map((chain) => [chain.name, chain.regions.map(name)])),
    ),
    execution_config: layers.map((layer) =>
      layer.methods.map(({ region, method }) => [name(region), method] as const),
    ),
    execution_order: document.turns.map((turn) => document.layerOrder.indexOf(turn.layer)),
    messages: document.messages.map(({ source, to, role, content }) => ({
      source,
      destination: name(to),
      role,
      content,
    })),
    postmaster: writePostmaster(document, name),
    steps: new Map(document.steps.map((rule) => [ruleKey(rule, name), rule.policy])),
    placement: new Map(
      Object.entries(document.placement).map(([ref, place]) => [name(ref), place]),
    ),
    resources: document.resources,
  }
}

function toEntry(region: Region, name: (ref: string) => string): RegionEntry {
  const { type, task, llm, rag, parameters } = region
  const connections = region.connections.map(({ to, task }) => [name(to), task] as const)
  const own = { name: region.name, type, task, llm, rag, parameters }
  return { ...own, connections: new Map(connections) }
}

function writePostmaster(document: PlanDocument, name: (ref: string) => string): Postmaster {
  const { cc, reroute_destination } = document.postmaster
  return {
    ...document.postmaster,
    ...(cc === undefined ? {} : { cc: cc?.map(name) ?? null }),
    ...(reroute_destination === undefined
      ? {}
      : { reroute_destination: reroute_destination && name(reroute_destination) }),
  }
}

function ruleKey({ region, method }: StepRule, name: (ref: string) => string): string {
  if (region === null) return '*'
  return method === null ? name(region) : `${name(region)}.${method}`
}

/** The form of a plan file, with everything the document holds. */
export function writePlan(document: PlanDocument): JsonObject {
  const plan = toPlan(document)
  return asJson({
    version: 1,
    regions: plan.regions.map(writeRegion),
    ...executions(plan),
    drawing: writeDrawing(document),
  })
}

/** The form of a regions file; goes with `writeExecutions`. */
export function writeRegions(document: PlanDocument): JsonObject[] {
  return toPlan(document).regions.map(writeRegion)
}

/** The form of an executions file: layers, order, and the plan's other sections if any. */
export function writeExecutions(document: PlanDocument): JsonObject {
  return asJson(executions(toPlan(document)))
}

/** The form of the editor's own save, with the drawing. */
export function writeFullState(document: PlanDocument): JsonObject {
  const plan = toPlan(document)
  const { layer_config, execution_config, execution_order, ...sections } = executions(plan)
  return asJson({
    flowNodes: regionList(document).map(({ id, position }, at) => ({
      id,
      type: 'regionNode',
      position,
      data: { typeName: plan.regions[at]?.type, params: params(plan, at), nodeId: id },
    })),
    flowEdges: regionList(document).flatMap((region) =>
      region.connections
        .filter(({ to }) => to in document.regions)
        .map(({ to }) => ({ id: `e_${region.id}_${to}`, source: region.id, target: to })),
    ),
    layerConfig: layer_config,
    executionConfig: execution_config,
    executionOrder: execution_order,
    chainColors: chainColors(document),
    ...sections,
  })
}

function params(plan: Plan, at: number) {
  const entry = plan.regions[at]
  return entry && writeRegion(entry)
}

function executions(plan: Plan) {
  const { execution_config, execution_order } = plan
  const layer_config = plan.layer_config.map((chains) => objectOf(chains))
  return { layer_config, execution_config, execution_order, ...sections(plan) }
}

/** The sections that hold anything. */
function sections({ messages, postmaster, steps, placement, resources }: Plan) {
  const tables = { steps: objectOf(steps), placement: objectOf(placement) }
  const all = Object.entries({ messages, postmaster, ...tables, resources })
  return Object.fromEntries(all.filter(([, held]) => Object.keys(held).length > 0))
}

function writeDrawing(document: PlanDocument) {
  return {
    positions: objectOf(
      regionList(document).map(({ name, position }) => [name, [position.x, position.y]] as const),
    ),
    chain_colors: chainColors(document),
  }
}

const chainColors = (document: PlanDocument) =>
  layerList(document).map((layer) =>
    objectOf(layer.chains.map((chain) => [chain.name, chain.color] as const)),
  )

/** The plan's types name no index signature; as a file it is plain JSON. */
const asJson = (value: object) => value as JsonObject
