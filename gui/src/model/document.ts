import type { JsonObject } from '@/model/json'
import type { Placement, Postmaster, Resources, Role, StepPolicy } from '@/model/plan'

/**
 * What the editor edits. Everything is known by an id, and each name stands in one place: renaming
 * a region changes one field, and two regions of one name stay two. Names become references, and
 * references names, in the codec alone.
 */
export interface PlanDocument {
  /** What the plan is called: the name of its file without the ending. */
  readonly title: string
  /** The template that it was made from: the plan's file names start from that one's folder. */
  readonly template: string | null
  readonly regions: Readonly<Record<Id, Region>>
  readonly regionOrder: readonly Id[]
  /** Names that something refers to and no region has: the print address, or a mistake. */
  readonly outsiders: Readonly<Record<Id, Outsider>>
  readonly layers: Readonly<Record<Id, Layer>>
  readonly layerOrder: readonly Id[]
  /** Which layer has its turn when; a layer may have many, or none. */
  readonly turns: readonly Turn[]
  readonly messages: readonly DocumentMessage[]
  readonly postmaster: DocumentPostmaster
  readonly steps: readonly StepRule[]
  readonly placement: Readonly<Record<Id, Placement>>
  readonly resources: Resources
}

export type Id = string

/** The id of a region or of an outsider. */
export type Ref = Id

export interface Region {
  readonly id: Id
  readonly name: string
  readonly type: string
  readonly task: string
  readonly connections: readonly Connection[]
  readonly llm: string
  readonly rag: string
  readonly parameters: JsonObject
  readonly position: Point
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** `task` is what the source is told of the target. */
export interface Connection {
  readonly to: Ref
  readonly task: string
}

export interface Outsider {
  readonly id: Id
  readonly name: string
}

export interface Layer {
  readonly id: Id
  readonly chains: readonly Chain[]
  /** What the layer's regions do; a region does its own entries in this order. */
  readonly methods: readonly MethodCall[]
}

export interface Chain {
  readonly id: Id
  readonly name: string
  /** Which of the chain colours. */
  readonly color: number
  readonly regions: readonly Ref[]
}

export interface MethodCall {
  readonly id: Id
  readonly region: Ref
  readonly method: string
}

export interface Turn {
  readonly id: Id
  readonly layer: Id
}

export interface DocumentMessage {
  readonly id: Id
  readonly source: string
  readonly to: Ref
  readonly role: Role
  readonly content: string
}

export interface DocumentPostmaster extends Omit<Postmaster, 'cc' | 'reroute_destination'> {
  readonly cc?: readonly Ref[] | null
  readonly reroute_destination?: Ref | null
}

/** A step policy for every step (no region), for a region's steps, or for one method of it. */
export interface StepRule {
  readonly id: Id
  readonly region: Ref | null
  readonly method: string | null
  readonly policy: StepPolicy
}

export const emptyDocument: PlanDocument = {
  title: 'Untitled plan',
  template: null,
  regions: {},
  regionOrder: [],
  outsiders: {},
  layers: {},
  layerOrder: [],
  turns: [],
  messages: [],
  postmaster: {},
  steps: [],
  placement: {},
  resources: {},
}

/** The regions in their order. */
export function regionList(document: PlanDocument): Region[] {
  return document.regionOrder.flatMap((id) => document.regions[id] ?? [])
}

/** The layers in their order. */
export function layerList(document: PlanDocument): Layer[] {
  return document.layerOrder.flatMap((id) => document.layers[id] ?? [])
}

/** What `ref` is called; "" for a reference to nothing. */
export function nameOf(document: PlanDocument, ref: Ref): string {
  return document.regions[ref]?.name ?? document.outsiders[ref]?.name ?? ''
}

/** The id of a connection, for selections: its two ends. */
export const connectionId = (from: Id, to: Ref): Id => `${from}>${to}`

/** An id that no other thing has. */
export function newId(): Id {
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, '0')).join('')
}
