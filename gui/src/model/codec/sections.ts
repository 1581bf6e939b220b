import type * as z from 'zod/mini'
import { entriesOf, objectOf, type Json, type JsonObject } from '@/model/json'
import type { OutsideMessage, Plan } from '@/model/plan'
import type { Reading } from '@/model/codec/reading'
import * as schemas from '@/model/codec/schemas'

/** What a plan may hold besides regions and layers. */
export const sectionKeys = ['messages', 'postmaster', 'steps', 'placement', 'resources'] as const

type Sections = Pick<Plan, (typeof sectionKeys)[number]>

/** The sections that `fields` hold; null is as good as none. */
export function readSections(reading: Reading, fields: JsonObject): Sections {
  const { messages, postmaster, steps, placement, resources } = fields
  return {
    messages: messages == null ? [] : readMessages(reading, messages, 'messages'),
    postmaster: postmaster == null ? {} : readPostmaster(reading, postmaster),
    steps: readNamed(reading, schemas.stepPolicy, steps, 'steps') as Plan['steps'],
    placement: readNamed(reading, schemas.placement, placement, 'placement') as Plan['placement'],
    resources: resources == null ? {} : readResources(reading, resources),
  }
}

/** Mail from outside: a list of `{source, destination, role, content}`. */
export function readMessages(reading: Reading, value: Json, place: string): OutsideMessage[] {
  return reading
    .list(value, place, 'a list of {source, destination, role, content}')
    .map((one, at) => readModel(reading, schemas.outsideMessage, one, `${place}[${at}]`))
}

/** `value` by `schema`, with no type bent; unknown keys are left out with a warning. */
export function readModel<Shape extends z.core.$ZodLooseShape>(
  reading: Reading,
  schema: z.ZodMiniObject<Shape>,
  value: Json | undefined,
  place: string,
): z.infer<z.ZodMiniObject<Shape>> {
  const fields = reading.known(reading.object(value, place), place, Object.keys(schema.shape))
  const result = schema.safeParse(fields)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = issue?.path ?? []
  throw reading.refusal(
    place + path.map(step).join(''),
    valueAt(fields, path),
    issue?.message ?? 'something else',
  )
}

const step = (part: PropertyKey) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)

function valueAt(value: Json | undefined, path: readonly PropertyKey[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (inside, part) => (inside as Record<PropertyKey, Json> | undefined)?.[part],
    value,
  )
}

function readPostmaster(reading: Reading, value: Json): Plan['postmaster'] {
  const fields = reading.object(value, 'postmaster')
  const named = typeof fields.cc === 'string' ? { ...fields, cc: [fields.cc] } : fields
  return readModel(reading, schemas.postmaster, named, 'postmaster') as Plan['postmaster']
}

function readNamed<Shape extends z.core.$ZodLooseShape>(
  reading: Reading,
  schema: z.ZodMiniObject<Shape>,
  value: Json | undefined,
  place: string,
): Map<string, z.infer<z.ZodMiniObject<Shape>>> {
  if (value == null) return new Map()
  return new Map(
    entriesOf(reading.object(value, place)).map(([name, fields]) => [
      name,
      readModel(reading, schema, fields, `${place}.${name}`),
    ]),
  )
}

const resourceSchemas = {
  llm: schemas.llmSpec,
  embedding: schemas.embeddingSpec,
  rag: schemas.ragSpec,
}

function readResources(reading: Reading, value: Json): Plan['resources'] {
  const kinds = Object.keys(resourceSchemas) as (keyof typeof resourceSchemas)[]
  const fields = reading.known(reading.object(value, 'resources'), 'resources', kinds)
  const found = kinds
    .filter((kind) => fields[kind] !== undefined)
    .map((kind) => [
      kind,
      objectOf(
        readNamed(reading, resourceSchemas[kind] as never, fields[kind], `resources.${kind}`),
      ),
    ])
  return Object.fromEntries(found) as Plan['resources']
}
