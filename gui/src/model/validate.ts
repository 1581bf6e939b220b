import type { Catalog } from '@/model/catalog'
import { faults } from '@/model/checks/faults'
import { oddities } from '@/model/checks/oddities'
import { toPlan } from '@/model/codec/write'
import type { PlanDocument } from '@/model/document'
import type { Finding } from '@/model/finding'
import { locate, type Place } from '@/model/locate'
import type { Plan } from '@/model/plan'
import { Survey } from '@/model/survey'

/** A finding, and the thing of the document that it is about. */
export interface Problem extends Finding {
  readonly place: Place
}

/** What is wrong or odd in `plan`, errors first: the coordinator's own checks, walked here. */
export function findings(plan: Plan, catalog: Catalog): Finding[] {
  const view = new Survey(plan, catalog)
  return [...faults, ...oddities].flatMap((check) => check(view))
}

/** The findings in what `document` draws, each with its place in it. */
export function validate(document: PlanDocument, catalog: Catalog): Problem[] {
  const plan = toPlan(document)
  return findings(plan, catalog).map((one) => ({ ...one, place: locate(document, one.where) }))
}
