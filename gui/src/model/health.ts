import type { Catalog } from '@/model/catalog'
import { regionList, type Id, type PlanDocument, type Region } from '@/model/document'
import type { ResourceKind } from '@/model/plan'

/** A model, an embedder or a store that a worker lends to all, as the coordinator lists it. */
export interface Resource {
  readonly kind: ResourceKind
  readonly name: string
  /** "" where calls wait for it and nobody serves it. */
  readonly worker: string
  readonly host: string
  readonly model: string
  readonly slots: number | null
  readonly in_use: number | null
  readonly queue: number | null
  readonly health: 'ok' | 'loading' | 'error' | ''
  readonly tokens_per_second: number | null
}

/** `awaited`: calls wait for it, and nobody serves it. The gravest comes first. */
const gravity = ['ill', 'awaited', 'loading', 'well'] as const
export type HealthState = (typeof gravity)[number]

/** How a resource is, in words for people. */
export interface ResourceHealth {
  readonly kind: ResourceKind
  readonly name: string
  readonly state: HealthState
  /** Which resource, on which machine, and how it is. */
  readonly text: string
  /** What one can do about it; "" for nothing. */
  readonly advice: string
  /** A command that does it, or "". */
  readonly command: string
}

/** The resources of which it is known how they are, by kind and name. */
export type Healths = ReadonlyMap<string, ResourceHealth>

const keyOf = (kind: ResourceKind, name: string) => `${kind} ${name}`
const keyOfResource = ({ kind, name }: Resource) => keyOf(kind, name)

/**
 * How each resource is. A call goes to any worker that serves it, so the illest of several counts.
 * What stood `before` and has not changed is the same object.
 */
export function healthsOf(resources: readonly Resource[], before: Healths = new Map()): Healths {
  const found = new Map<string, ResourceHealth>()
  for (const key of new Set(resources.map(keyOfResource))) {
    const health = healthOfAll(resources.filter((one) => keyOfResource(one) === key))
    const known = before.get(key)
    if (health) found.set(key, known && isSame(known, health) ? known : health)
  }
  const unchanged = [...found].every(([key, health]) => before.get(key) === health)
  return unchanged && found.size === before.size ? before : found
}

const isSame = (one: ResourceHealth, other: ResourceHealth) =>
  one.state === other.state && one.text === other.text

/** How a resource is that these serve; null where none of them knows. */
function healthOfAll(served: readonly Resource[]): ResourceHealth | null {
  const state = gravity.find((one) => served.some((each) => stateOf(each) === one))
  const those = served.filter((each) => stateOf(each) === state)
  const [first] = those
  if (!state || !first) return null
  const { kind, name } = first
  const places = those.map(placeOf).join(' and ')
  return { kind, name, state, ...words[state](kind, name, places) }
}

const states = { ok: 'well', loading: 'loading', error: 'ill', '': null } as const

const stateOf = ({ worker, health }: Resource): HealthState | null =>
  worker === '' ? 'awaited' : states[health]

const placeOf = ({ worker, host }: Resource) =>
  host === '' || host === worker ? worker : `${host} (worker ${worker})`

const nouns: Record<ResourceKind, string> = { llm: 'model', embedding: 'embedder', rag: 'store' }

type Words = Pick<ResourceHealth, 'text' | 'advice' | 'command'>

const words: Record<HealthState, (kind: ResourceKind, name: string, places: string) => Words> = {
  well: (kind, name, places) => ({
    text: `The ${nouns[kind]} “${name}” on ${places} is ready.`,
    advice: '',
    command: '',
  }),
  loading: (kind, name, places) => ({
    text: `The ${nouns[kind]} “${name}” on ${places} is being loaded.`,
    advice: 'Calls wait until it is there.',
    command: '',
  }),
  ill: (kind, name, places) => ({
    text: `The ${nouns[kind]} “${name}” on ${places} does not answer.`,
    advice: cures[kind],
    command: '',
  }),
  awaited: (kind, name) => ({
    text: `Calls wait for the ${nouns[kind]} “${name}”, which nobody serves.`,
    advice: 'Start a worker on a machine that has it:',
    command: `regions-worker --${kind} ${quoted(name)}`,
  }),
}

const server =
  'Start its server again, or mend its address in the config of that machine. The worker notices when it is back.'

const cures: Record<ResourceKind, string> = {
  llm: server,
  embedding: server,
  rag: 'See that its file is there and whole; the log of that worker says what is wrong.',
}

const quoted = (name: string) =>
  /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`

/** How what a region needs is, the gravest first; without what is not known. */
export function healthOfRegion(
  region: Region,
  { resources }: PlanDocument,
  catalog: Catalog,
  healths: Healths,
): ResourceHealth[] {
  const needs = (catalog[region.type]?.resources ?? []).map((kind) => keyOf(kind, region[kind]))
  const embedder = needs.includes(keyOf('rag', region.rag))
    ? resources.rag?.[region.rag]?.embedding
    : undefined
  if (embedder !== undefined) needs.push(keyOf('embedding', embedder))
  return needs
    .flatMap((key) => healths.get(key) ?? [])
    .sort((one, other) => gravity.indexOf(one.state) - gravity.indexOf(other.state))
}

/** The gravest of what each region needs, by the region's id; without what is not known. */
export function healthMarks(
  document: PlanDocument,
  catalog: Catalog,
  healths: Healths,
): Readonly<Record<Id, ResourceHealth>> {
  const marks: Record<Id, ResourceHealth> = {}
  for (const region of regionList(document)) {
    const [gravest] = healthOfRegion(region, document, catalog, healths)
    if (gravest) marks[region.id] = gravest
  }
  return marks
}
