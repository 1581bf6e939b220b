import type {
  Chain,
  DocumentPostmaster,
  Id,
  Layer,
  Outsider,
  PlanDocument,
  Ref,
  Region,
  StepRule,
} from '@/model/document'
import type { ChainTable, MethodEntry, Plan, Postmaster } from '@/model/plan'
import { chainColorCount, placesByTurn, type Drawing } from '@/model/codec/drawing'

/**
 * The document of a plan: names become references. Ids are numbered, or those of the drawing, so
 * that the same file always gives the same document.
 */
export function toDocument(plan: Plan, drawing: Drawing, title: string): PlanDocument {
  const names = new Names(plan, drawing)
  const regions = readRegions(plan, drawing, names)
  const layers = plan.layer_config.map((chains, at) =>
    readLayer(chains, plan.execution_config[at] ?? [], at, drawing, names),
  )
  return {
    title,
    template: null,
    regions: byId(regions),
    regionOrder: regions.map((region) => region.id),
    layers: byId(layers),
    layerOrder: layers.map((layer) => layer.id),
    turns: plan.execution_order.map((layer, at) => ({
      id: `turn-${at + 1}`,
      layer: layerId(layer),
    })),
    messages: plan.messages.map(({ destination, ...message }, at) => ({
      id: `message-${at + 1}`,
      ...message,
      to: names.ref(destination),
    })),
    postmaster: readPostmaster(plan.postmaster, names),
    steps: [...plan.steps].map(([key, policy], at) => ({
      id: `rule-${at + 1}`,
      ...names.target(key),
      policy,
    })),
    placement: Object.fromEntries(
      [...plan.placement].map(([name, place]) => [names.ref(name), place]),
    ),
    resources: plan.resources,
    outsiders: byId(names.outsiders()),
  }
}

const layerId = (index: number): Id => `layer-${index + 1}`

const byId = <Thing extends { readonly id: Id }>(things: readonly Thing[]): Record<Id, Thing> =>
  Object.fromEntries(things.map((thing) => [thing.id, thing]))

/** Who has which name. Of two regions with one name, references mean the last, as in a run. */
class Names {
  readonly ids: readonly Id[]
  private readonly known = new Map<string, Ref>()
  private readonly strangers = new Map<string, Outsider>()
  private readonly freshOutsider: () => Id

  constructor(plan: Plan, drawing: Drawing) {
    const given = new Set(drawing.nodes.map((node) => node.id))
    const fresh = numbered('region', given)
    this.ids = plan.regions.map((_, at) => drawing.nodes[at]?.id ?? fresh())
    this.freshOutsider = numbered('outsider', given)
    plan.regions.forEach((entry, at) => this.known.set(entry.name, this.ids[at] ?? ''))
  }

  ref(name: string): Ref {
    return this.known.get(name) ?? this.outsider(name).id
  }

  /** Whose steps the key of a step policy means: "*", a region, or "region.method". */
  target(key: string): Pick<StepRule, 'region' | 'method'> {
    if (key === '*') return { region: null, method: null }
    const dot = key.lastIndexOf('.')
    const owner = dot > 0 && !this.known.has(key) ? this.known.get(key.slice(0, dot)) : undefined
    return owner === undefined
      ? { region: this.ref(key), method: null }
      : { region: owner, method: key.slice(dot + 1) }
  }

  outsiders(): Outsider[] {
    return [...this.strangers.values()]
  }

  private outsider(name: string): Outsider {
    const found = this.strangers.get(name) ?? { id: this.freshOutsider(), name }
    this.strangers.set(name, found)
    return found
  }
}

/** Makes ids "kind-1", "kind-2", … that are not among the `taken`. */
function numbered(kind: string, taken: ReadonlySet<Id | undefined>): () => Id {
  let number = 0
  return () => {
    do number += 1
    while (taken.has(`${kind}-${number}`))
    return `${kind}-${number}`
  }
}

function readRegions(plan: Plan, drawing: Drawing, names: Names): Region[] {
  const turns = plan.execution_order.map((layer) =>
    [...(plan.layer_config[layer]?.values() ?? [])].flat(),
  )
  const places = placesByTurn(
    plan.regions.map((entry) => entry.name),
    turns,
  )
  return plan.regions.map(({ connections, ...entry }, at) => ({
    id: names.ids[at] ?? '',
    ...entry,
    connections: [...connections].map(([name, task]) => ({ to: names.ref(name), task })),
    position: drawing.nodes[at]?.position ?? places[at] ?? { x: 0, y: 0 },
  }))
}

function readLayer(
  chains: ChainTable,
  methods: readonly MethodEntry[],
  index: number,
  drawing: Drawing,
  names: Names,
): Layer {
  const id = layerId(index)
  return {
    id,
    chains: [...chains].map(([name, regions], at): Chain => ({
      id: `${id}-chain-${at + 1}`,
      name,
      color: (drawing.colors[index]?.get(name) ?? at) % chainColorCount,
      regions: regions.map((region) => names.ref(region)),
    })),
    methods: methods.map(([region, method], at) => ({
      id: `${id}-call-${at + 1}`,
      region: names.ref(region),
      method,
    })),
  }
}

function readPostmaster(rules: Postmaster, names: Names): DocumentPostmaster {
  const { cc, reroute_destination } = rules
  return {
    ...rules,
    ...(cc === undefined ? {} : { cc: cc?.map((name) => names.ref(name)) ?? null }),
    ...(reroute_destination === undefined
      ? {}
      : {
          reroute_destination: reroute_destination === null ? null : names.ref(reroute_destination),
        }),
  }
}
