import {
  newId,
  type DocumentMessage,
  type DocumentPostmaster,
  type Id,
  type PlanDocument,
  type StepRule,
} from '@/model/document'
import type { Placement, ResourceKind, ResourceSpecs, StepPolicy } from '@/model/plan'

/** Edits of what a plan says besides regions and layers. `undefined` means the default. */

export type Changes<Fields> = { readonly [Key in keyof Fields]?: Fields[Key] | undefined }

export function changePostmaster(
  document: PlanDocument,
  changes: Changes<DocumentPostmaster>,
): PlanDocument {
  return { ...document, postmaster: changed(document.postmaster, changes) }
}

export function addRule(document: PlanDocument, region: Id | null): PlanDocument {
  const rule: StepRule = { id: newId(), region, method: null, policy: {} }
  return { ...document, steps: [...document.steps, rule] }
}

export function changeRule(
  document: PlanDocument,
  id: Id,
  changes: Partial<Pick<StepRule, 'region' | 'method'>>,
): PlanDocument {
  const steps = document.steps.map((rule) => (rule.id === id ? { ...rule, ...changes } : rule))
  return { ...document, steps }
}

export function changePolicy(
  document: PlanDocument,
  id: Id,
  changes: Changes<StepPolicy>,
): PlanDocument {
  const steps = document.steps.map((rule) =>
    rule.id === id ? { ...rule, policy: changed(rule.policy, changes) } : rule,
  )
  return { ...document, steps }
}

export function removeRule(document: PlanDocument, id: Id): PlanDocument {
  return { ...document, steps: document.steps.filter((rule) => rule.id !== id) }
}

/** Where a region may run; null: anywhere. */
export function placeRegion(
  document: PlanDocument,
  region: Id,
  placement: Placement | null,
): PlanDocument {
  const { [region]: _old, ...others } = document.placement
  return { ...document, placement: placement ? { ...others, [region]: placement } : others }
}

export function addMessage(document: PlanDocument, source: string, to: Id): PlanDocument {
  const message: DocumentMessage = { id: newId(), source, to, role: 'request', content: '' }
  return { ...document, messages: [...document.messages, message] }
}

export function changeMessage(
  document: PlanDocument,
  id: Id,
  changes: Partial<Omit<DocumentMessage, 'id'>>,
): PlanDocument {
  const messages = document.messages.map((one) => (one.id === id ? { ...one, ...changes } : one))
  return { ...document, messages }
}

export function removeMessage(document: PlanDocument, id: Id): PlanDocument {
  return { ...document, messages: document.messages.filter((message) => message.id !== id) }
}

/** The settings of a resource that the plan brings; null takes it out of the plan. */
export function setResource<Kind extends ResourceKind>(
  document: PlanDocument,
  kind: Kind,
  name: string,
  spec: ResourceSpecs[Kind] | null,
): PlanDocument {
  const { [name]: _old, ...others } = { ...document.resources[kind] }
  const specs = spec === null ? others : { ...others, [name]: spec }
  const { [kind]: _kind, ...kinds } = document.resources
  const resources = Object.keys(specs).length === 0 ? kinds : { ...kinds, [kind]: specs }
  return { ...document, resources }
}

/** `fields` with `changes`; what is set to `undefined` is left out. */
export function changed<Fields extends object>(fields: Fields, changes: Changes<Fields>): Fields {
  const entries = Object.entries({ ...fields, ...changes })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Fields
}

/** Another name for a resource that the plan brings, and for those who use it. */
export function renameResource(
  document: PlanDocument,
  kind: ResourceKind,
  from: string,
  to: string,
): PlanDocument {
  const spec = document.resources[kind]?.[from]
  if (!spec || to.trim() === '' || to in (document.resources[kind] ?? {})) return document
  const renamed = setResource(setResource(document, kind, from, null), kind, to, spec)
  if (kind === 'embedding') return usingEmbedder(renamed, from, to)
  const regions = Object.values(renamed.regions).map((region) =>
    region[kind] === from ? { ...region, [kind]: to } : region,
  )
  return { ...renamed, regions: Object.fromEntries(regions.map((region) => [region.id, region])) }
}

function usingEmbedder(document: PlanDocument, from: string, to: string): PlanDocument {
  const stores = Object.entries(document.resources.rag ?? {}).map(([name, store]) => [
    name,
    store.embedding === from ? { ...store, embedding: to } : store,
  ])
  if (stores.length === 0) return document
  const rag = Object.fromEntries(stores) as Record<string, ResourceSpecs['rag']>
  return { ...document, resources: { ...document.resources, rag } }
}
