import type { Catalog } from '@/model/catalog'
import type { PlanDocument } from '@/model/document'
import type { Finding } from '@/model/finding'
import { isObject, type Json, type JsonObject } from '@/model/json'
import type { Plan, RegionEntry } from '@/model/plan'
import { toDocument } from '@/model/codec/assemble'
import type { Drawing } from '@/model/codec/drawing'
import { readLayerFields, readNodes } from '@/model/codec/fullState'
import {
  editorKeys,
  executionKeys,
  planKeys,
  readLayers,
  type LayerKeys,
} from '@/model/codec/layers'
import { readPlanDrawing, readStateDrawing } from '@/model/codec/readDrawing'
import { FileProblem, Reading } from '@/model/codec/reading'
import { tellRounded } from '@/model/codec/rounded'
import { RegionReader, tasksOf } from '@/model/codec/regions'
import { readSections, sectionKeys } from '@/model/codec/sections'

/** A file's text, parsed, and its name. */
export interface PlanFile {
  readonly name: string
  readonly content: Json
}

/** What files hold, and a warning for everything in them that had to be repaired. */
export interface Loaded {
  readonly document: PlanDocument
  readonly repairs: readonly Finding[]
}

/** Which of the file forms `content` is; null for none. */
export function formOf(content: Json): 'plan' | 'regions' | 'executions' | 'full-state' | null {
  if (Array.isArray(content)) return 'regions'
  if (!isObject(content)) return null
  if ('flowNodes' in content) return 'full-state'
  if ('regions' in content) return 'plan'
  return planKeys.layers in content ? 'executions' : null
}

/**
 * The plan of one file (a plan or a full state) or two (regions and executions, in any order).
 * Regions alone are a plan without layers. Throws FileProblem.
 */
export function load(files: readonly PlanFile[], catalog: Catalog): Loaded {
  const [first, second, ...more] = files
  if (!first || more.length > 0) {
    throw new FileProblem('Open one plan, or a regions file together with its executions file.')
  }
  if (second) return loadPair(first, second, catalog)
  const form = formOf(first.content)
  if (form === 'full-state') return loadFullState(first, catalog)
  if (form === 'plan') return loadPlan(first, catalog)
  if (form === 'regions') return loadRegions(first, catalog)
  throw notAPlan(first, form)
}

function readingOf({ name, content }: PlanFile): Reading {
  const reading = new Reading(name)
  tellRounded(reading, content)
  return reading
}

function loadPair(first: PlanFile, second: PlanFile, catalog: Catalog): Loaded {
  const [regions, executions] =
    formOf(first.content) === 'regions' ? [first, second] : [second, first]
  if (formOf(regions.content) !== 'regions' || formOf(executions.content) !== 'executions') {
    throw new FileProblem(
      `${first.name} and ${second.name}: expected a regions file and an executions file`,
    )
  }
  const one = readingOf(regions)
  const other = readingOf(executions)
  const entries = readEntries(one, regions.content, '', catalog)
  const fields = known(other, executions.content as JsonObject, executionKeys, 'drawing')
  const loaded = assemble(other, entries, fields, executionKeys, regions.name)
  return { ...loaded, repairs: [...one.repairs, ...loaded.repairs] }
}

function loadRegions(file: PlanFile, catalog: Catalog): Loaded {
  const reading = readingOf(file)
  const entries = readEntries(reading, file.content, '', catalog)
  const none = { layer_config: [], execution_config: [] }
  return assemble(reading, entries, none, planKeys, file.name)
}

function loadPlan(file: PlanFile, catalog: Catalog): Loaded {
  const reading = readingOf(file)
  const content = file.content as JsonObject
  const version = content.version ?? 1
  if (version !== 1) {
    throw reading.refusal('version', version, '1, the version this program reads')
  }
  const entries = readEntries(reading, content.regions, 'regions', catalog)
  const fields = known(reading, content, planKeys, 'version', 'regions', 'drawing')
  return assemble(reading, entries, fields, planKeys, file.name)
}

function loadFullState(file: PlanFile, catalog: Catalog): Loaded {
  const reading = readingOf(file)
  const content = file.content as JsonObject
  const entries = readNodes(reading, content, catalog)
  const fields = readLayerFields(reading, content)
  return assemble(reading, entries, fields, editorKeys, file.name, readStateDrawing(content))
}

function notAPlan(file: PlanFile, form: string | null): FileProblem {
  if (form === 'executions') {
    return new FileProblem(
      `${file.name}: holds layers but no regions: open it together with its regions file`,
    )
  }
  const reading = new Reading(file.name)
  return reading.refusal('', file.content, 'a plan (regions, layer_config, …) or a full state')
}

/** `place` is where the list stands in its file: "" for the file itself. */
function readEntries(
  reading: Reading,
  content: Json | undefined,
  place: string,
  catalog: Catalog,
): RegionEntry[] {
  const expected = place ? 'a list' : 'a list of regions'
  const at = place || 'regions'
  const entries = reading
    .list(content, place, expected)
    .map((one, index) => reading.object(one, `${at}[${index}]`, 'a region'))
  const reader = new RegionReader(reading, catalog, tasksOf(entries))
  return entries.map((one, index) => reader.read(one, `${at}[${index}]`))
}

function known(
  reading: Reading,
  fields: JsonObject,
  keys: LayerKeys,
  ...more: string[]
): JsonObject {
  const kept = [...more, keys.layers, keys.methods, keys.order, ...sectionKeys]
  const found = reading.known(fields, '', kept)
  for (const key of [keys.layers, keys.methods]) {
    if (!(key in found)) throw reading.refusal(key, undefined, 'a list')
  }
  return found
}

function assemble(
  reading: Reading,
  regions: readonly RegionEntry[],
  fields: JsonObject,
  keys: LayerKeys,
  origin: string,
  drawing?: Drawing,
): Loaded {
  const layers = readLayers(reading, fields, keys)
  const plan: Plan = { regions, ...layers, ...readSections(reading, fields) }
  const names = regions.map((entry) => entry.name)
  const drawn = drawing ?? readPlanDrawing(fields.drawing, names)
  return { document: toDocument(plan, drawn, titleOf(origin)), repairs: reading.repairs }
}

/** A file's name without folder and endings: "lookup_regions.json" is of the plan "lookup". */
function titleOf(name: string): string {
  const base = name.replace(/^.*[\\/]/, '').replace(/\.json$/i, '')
  return base.replace(/[_.-]?(regions|executions|full[_-]?state|plan)$/i, '') || base
}
