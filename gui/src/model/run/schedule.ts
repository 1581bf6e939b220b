import type { Plan } from '@/model/plan'
import { stepId } from '@/model/run/position'

/** A plan unrolled: each turn of a layer, its chains, and their steps. */
export type Schedule = readonly Place[]

export interface Place {
  readonly layer: number
  readonly chains: readonly ScheduledChain[]
}

export interface ScheduledChain {
  readonly name: string
  readonly steps: readonly ScheduledStep[]
}

export interface ScheduledStep {
  readonly id: string
  readonly region: string
  readonly method: string
}

type Scheduled = Pick<Plan, 'layer_config' | 'execution_config' | 'execution_order'>

/** What a plan comes to, as the coordinator unrolls it. */
export function scheduleOf(plan: Scheduled): Schedule {
  return plan.execution_order.map((layer, place) => ({
    layer,
    chains: [...(plan.layer_config[layer] ?? [])].map(([name, regions], index) => ({
      name,
      steps: stepsOf(plan, layer, regions).map(([region, method], step) => ({
        id: stepId({ place, chain: index + 1, step }),
        region,
        method,
      })),
    })),
  }))
}

function stepsOf(plan: Scheduled, layer: number, regions: readonly string[]) {
  const entries = plan.execution_config[layer] ?? []
  return [...new Set(regions)].flatMap((region) => entries.filter(([name]) => name === region))
}
