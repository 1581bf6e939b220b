import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtinCatalog } from '@/model/builtin'
import { toDocument } from '@/model/codec/assemble'
import { parseJson } from '@/model/codec/parse'
import { load, type Loaded } from '@/model/codec/read'
import { FileProblem } from '@/model/codec/reading'
import {
  toPlan,
  writeExecutions,
  writeFullState,
  writePlan,
  writeRegions,
} from '@/model/codec/write'
import { regionList, type PlanDocument } from '@/model/document'
import { anyJson, anyPlan, type AnyPlan } from '@/model/fixtures/anyPlan'
import { entriesOf, isObject, objectOf, stringify, type Json, type JsonObject } from '@/model/json'

/** What the files say that these contents are written to. */
const reread = (...contents: Json[]): Loaded =>
  load(
    contents.map((content) => ({
      name: 'any.json',
      content: parseJson(stringify(content, 2), 'any.json'),
    })),
    builtinCatalog,
  )

const drawn = ({ plan, drawing }: AnyPlan): PlanDocument => toDocument(plan, drawing, 'any')

const anyDocument = anyPlan.map(drawn)

/** What a file holds but for the ids: names, in their order, and places. */
const meaning = (document: PlanDocument) => ({
  plan: inOrder(toPlan(document)),
  places: regionList(document).map(({ position }) => position),
  colors: document.layerOrder.map((id) => document.layers[id]?.chains.map(({ color }) => color)),
})

/** Maps as lists: the order of what they hold counts. */
function inOrder(value: unknown): unknown {
  if (value instanceof Map) return [...(value as Map<string, unknown>)].map(inOrder)
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inOrder(one)]))
}

describe('any document, exported and imported', () => {
  it('is the same as a full state, to the last id', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const again = reread(writeFullState(document))
        expect(again.repairs).toEqual([])
        expect(again.document).toEqual(document)
      }),
    )
  })

  it('is the same plan, drawn the same, as a plan file', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const again = reread(writePlan(document))
        expect(again.repairs).toEqual([])
        expect(meaning(again.document)).toEqual(meaning(document))
      }),
    )
  })

  it('is the same plan as a pair of regions and executions', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const again = reread(writeRegions(document), writeExecutions(document))
        expect(again.repairs).toEqual([])
        expect(meaning(again.document).plan).toEqual(meaning(document).plan)
      }),
    )
  })
})

it('a field that nobody knows is told wherever it stands, and changes nothing else', () => {
  const withField = (value: JsonObject, field: Json) => ({ ...value, 'no such field': field })
  fc.assert(
    fc.property(anyDocument, anyJson, (document, field) => {
      const isKnown = regionList(document).map(({ type }) => type in builtinCatalog)
      const regions = writeRegions(document).map((one, at) =>
        isKnown[at] ? withField(one, field) : one,
      )
      const again = reread(withField({ ...writePlan(document), regions }, field))
      const told = isKnown.filter(Boolean).length + 1
      expect(again.repairs.map(({ code }) => code)).toEqual(Array(told).fill('unknown-key'))
      expect(meaning(again.document)).toEqual(meaning(document))
    }),
  )
})

it.each([
  ['plan', writePlan],
  ['full state', writeFullState],
])('a %s into which somebody wrote is refused, or mended for good', (_, write) => {
  fc.assert(
    fc.property(anyDocument.map(write), fc.nat(), anyJson, (file, at, value) => {
      const places = placesIn(file)
      const place = places[at % places.length] ?? []
      const found = unlessRefused(() => reread(replaced(file, place, value)).document)
      if (!found) return
      const again = reread(writeFullState(found))
      expect(again.repairs).toEqual([])
      expect(again.document).toEqual(found)
    }),
  )
})

type Path = readonly (string | number)[]

/** The ways to all values inside `value`, and to itself. */
function placesIn(value: Json, here: Path = []): Path[] {
  const inside = Array.isArray(value)
    ? [...value.entries()]
    : isObject(value)
      ? entriesOf(value)
      : []
  return [here, ...inside.flatMap(([key, one]) => placesIn(one as Json, [...here, key]))]
}

/** `whole` with `value` at a place in it. */
function replaced(whole: Json, [key, ...rest]: Path, value: Json): Json {
  if (key === undefined) return value
  const next = (own: string | number, one: Json) => (own === key ? replaced(one, rest, value) : one)
  if (Array.isArray(whole)) return whole.map((one: Json, at) => next(at, one))
  return objectOf(
    entriesOf(whole as JsonObject).map(([own, one]) => [own, next(own, one)] as const),
  )
}

/** What `read` gives; null where it refuses, in words. */
function unlessRefused<Found>(read: () => Found): Found | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof FileProblem) return null
    throw error
  }
}
