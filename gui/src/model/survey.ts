import type { Catalog, RegionType } from '@/model/catalog'
import { printAddress, type Plan, type RegionEntry } from '@/model/plan'

/** One region method where it runs: the turn, the chain in it, and the step in the chain. */
export interface Step {
  readonly turn: number
  readonly chain: number
  readonly step: number
  readonly region: string
  readonly method: string
}

/** A plan looked over once, for the checks: who is in it, of what type, and what runs when. */
export class Survey {
  readonly plan: Plan
  readonly catalog: Catalog
  readonly entries: ReadonlyMap<string, RegionEntry>
  /** The steps of each region, in running order. */
  private readonly stepsOf: ReadonlyMap<string, readonly Step[]>

  constructor(plan: Plan, catalog: Catalog) {
    this.plan = plan
    this.catalog = catalog
    this.entries = new Map(plan.regions.map((entry) => [entry.name, entry]))
    this.stepsOf = grouped(schedule(plan))
  }

  get runsNothing(): boolean {
    return this.stepsOf.size === 0
  }

  typeOf(region: string): RegionType | undefined {
    const entry = this.entries.get(region)
    return entry && this.catalog[entry.type]
  }

  isListener(region: string): boolean {
    return this.typeOf(region)?.kind === 'listener'
  }

  steps(region: string): readonly Step[] {
    return this.stepsOf.get(region) ?? []
  }

  runs(region: string, method: string): boolean {
    return this.steps(region).some((step) => step.method === method)
  }

  /** Whether mail to `name` arrives: at a region, or in print. */
  receives(name: string): boolean {
    return this.entries.has(name) || name === printAddress(this.plan.postmaster)
  }
}

/** The plan unrolled along its execution order. Entries outside the layer's chains never run. */
export function schedule(plan: Plan): Step[] {
  return plan.execution_order.flatMap((layer, turn) => {
    const chains = [...(plan.layer_config[layer]?.values() ?? [])]
    return chains.flatMap((regions, chain) => chainSteps(plan, layer, turn, chain, regions))
  })
}

function chainSteps(
  plan: Plan,
  layer: number,
  turn: number,
  chain: number,
  regions: readonly string[],
): Step[] {
  const methods = plan.execution_config[layer] ?? []
  return [...new Set(regions)]
    .flatMap((region) => methods.filter(([name]) => name === region))
    .map(([region, method], step) => ({ turn, chain, step, region, method }))
}

function grouped(steps: readonly Step[]): Map<string, Step[]> {
  const groups = new Map<string, Step[]>()
  for (const step of steps) {
    const group = groups.get(step.region)
    if (group) group.push(step)
    else groups.set(step.region, [step])
  }
  return groups
}
