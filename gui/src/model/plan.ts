import type { JsonObject } from '@/model/json'

/** A plan as its file holds it: regions are known by their names; maps keep the file's order. */
export interface Plan {
  readonly regions: readonly RegionEntry[]
  readonly layer_config: readonly ChainTable[]
  readonly execution_config: readonly (readonly MethodEntry[])[]
  readonly execution_order: readonly number[]
  readonly messages: readonly OutsideMessage[]
  readonly postmaster: Postmaster
  readonly steps: ReadonlyMap<string, StepPolicy>
  readonly placement: ReadonlyMap<string, Placement>
  readonly resources: Resources
}

export interface RegionEntry {
  readonly name: string
  readonly type: string
  readonly task: string
  /** Each region written to, and that region's task. */
  readonly connections: ReadonlyMap<string, string>
  readonly llm: string
  readonly rag: string
  readonly parameters: JsonObject
}

/** A layer's chains, and the regions of each. */
export type ChainTable = ReadonlyMap<string, readonly string[]>
export type MethodEntry = readonly [region: string, method: string]
export type Role = 'request' | 'reply'

export interface OutsideMessage {
  readonly source: string
  readonly destination: string
  readonly role: Role
  readonly content: string
}

export const undeliverables = ['drop', 'retry', 'reroute', 'return', 'error'] as const
export type Undeliverable = (typeof undeliverables)[number]

/** The rules for mail that a plan changes; what is left out stands at its default. */
export interface Postmaster {
  readonly undeliverable?: Undeliverable
  readonly retries?: number
  readonly rts_source?: string | null
  readonly rts_prepend?: string | null
  readonly reroute_destination?: string | null
  /** The listeners that get copies; null or left out: every listener does. */
  readonly cc?: readonly string[] | null
  readonly print_address?: string
  readonly max_hops?: number
  readonly inbox_limit?: number
  readonly inbox_bytes?: number
}

/** How a step is tried. Times are in seconds. */
export interface StepPolicy {
  readonly timeout?: number | null
  readonly retries?: number
  readonly backoff?: number
  readonly on_failure?: 'fail' | 'continue'
}

export interface Placement {
  readonly worker?: string | null
  readonly pool?: string | null
  readonly labels?: Readonly<Record<string, string>>
}

export interface LlmSpec {
  readonly url?: string | null
  readonly model?: string | null
  readonly params?: JsonObject
  readonly slots?: number | null
  readonly timeout?: number | null
}

export interface EmbeddingSpec {
  readonly url?: string | null
  readonly model?: string | null
}

export interface RagSpec {
  readonly path?: string | null
  readonly documents?: readonly string[]
  readonly embedding?: string
  readonly chunk_size?: number
  readonly overlap?: number
  readonly max_results?: number
}

/** The settings of a resource, by its kind. */
export interface ResourceSpecs {
  readonly llm: LlmSpec
  readonly embedding: EmbeddingSpec
  readonly rag: RagSpec
}

export type ResourceKind = keyof ResourceSpecs

/** What a plan brings along, by kind and name. */
export type Resources = {
  readonly [Kind in ResourceKind]?: Readonly<Record<string, ResourceSpecs[Kind]>>
}

export const defaultPostmaster = {
  undeliverable: 'drop',
  retries: 3,
  print_address: 'terminal',
  max_hops: 64,
  inbox_limit: 10_000,
  inbox_bytes: 64 * 2 ** 20,
} as const

export const defaultStepPolicy = { retries: 1, backoff: 0.5, on_failure: 'fail' } as const

export const printAddress = (rules: { readonly print_address?: string }): string =>
  rules.print_address ?? defaultPostmaster.print_address
