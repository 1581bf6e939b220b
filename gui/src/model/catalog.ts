import type { Json } from '@/model/json'

/** The region types there are, as the Python side tells them. */
export type Catalog = Readonly<Record<string, RegionType>>

/** The catalog of `types`: it holds them alone, and nothing that any object has of itself. */
export function catalogOf(types: readonly RegionType[]): Catalog {
  const catalog = Object.fromEntries(types.map((type) => [type.name, type]))
  return Object.setPrototypeOf(catalog, null) as Catalog
}

export interface RegionType {
  readonly name: string
  readonly summary: string
  /** Which of the built-in types it is made from, or is: decides icon and colour. */
  readonly kind: RegionKind
  readonly methods: readonly RegionMethod[]
  readonly parameters: readonly RegionParameter[]
  /** The resources it needs. */
  readonly resources: readonly ('llm' | 'rag')[]
  /** Whether it writes to others, and so has a task and connections. */
  readonly connects: boolean
  /** Whether the palette has it; types for tests are known and not offered. */
  readonly offered: boolean
}

export type RegionKind = 'llm' | 'feed' | 'rag' | 'broadcast' | 'listener' | 'own'

export interface RegionMethod {
  readonly name: string
  readonly summary: string
}

export interface RegionParameter {
  readonly name: string
  readonly summary: string
  readonly kind: 'flag' | 'number' | 'text' | 'json'
  readonly default: Json
  readonly least?: number
  readonly most?: number
}
