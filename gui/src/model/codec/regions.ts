import type { Catalog, RegionParameter, RegionType } from '@/model/catalog'
import { entriesOf, isObject, objectOf, type Json, type JsonObject } from '@/model/json'
import type { RegionEntry } from '@/model/plan'
import { quoted, type Reading } from '@/model/codec/reading'

const common = ['name', 'type', 'task', 'connections', 'llm', 'rag']

/** Parameters of RAGRegion that older files give, as false and null, to every region. */
const writtenForAll = ['reply_with_actors', 'threshold']

/** The tasks of those entries that have a name; "" where there is no task. */
export function tasksOf(entries: readonly JsonObject[]): Map<string, string> {
  const tasks = new Map<string, string>()
  for (const { name, task } of entries) {
    if (typeof name === 'string') tasks.set(name, typeof task === 'string' ? task : '')
  }
  return tasks
}

/** Reads regions' entries, repairing what is seen in the wild. */
export class RegionReader {
  private readonly reading: Reading
  private readonly catalog: Catalog
  private readonly tasks: ReadonlyMap<string, string>

  constructor(reading: Reading, catalog: Catalog, tasks: ReadonlyMap<string, string>) {
    this.reading = reading
    this.catalog = catalog
    this.tasks = tasks
  }

  read(fields: JsonObject, place: string): RegionEntry {
    const name = this.reading.text(fields.name, `${place}.name`, "the region's name")
    const typeName = this.typeName(fields, place)
    const type = this.catalog[typeName]
    return {
      name,
      type: typeName,
      task: this.task(fields, place, type),
      connections: this.connections(fields.connections, `${place}.connections`),
      llm: this.resource(fields, place, 'llm'),
      rag: this.resource(fields, place, 'rag'),
      parameters: this.parameters(fields, place, type),
    }
  }

  private typeName(fields: JsonObject, place: string): string {
    if (fields.type == null) {
      this.reading.repaired(`${place}.type`, 'missing-key', 'no type is given; taken as Region')
      return 'Region'
    }
    return this.reading.text(fields.type, `${place}.type`, 'the name of a region type')
  }

  private task(fields: JsonObject, place: string, type: RegionType | undefined): string {
    if (fields.task != null) return this.reading.text(fields.task, `${place}.task`)
    if (type?.kind !== 'listener') {
      this.reading.repaired(`${place}.task`, 'missing-key', 'no task is given; taken as empty')
    }
    return ''
  }

  private resource(fields: JsonObject, place: string, kind: 'llm' | 'rag'): string {
    if (fields[kind] == null) return 'default'
    return this.reading.text(fields[kind], `${place}.${kind}`, 'the name of a resource')
  }

  private connections(value: Json | undefined, place: string): Map<string, string> {
    if (value === undefined) return new Map()
    if (value === null || (Array.isArray(value) && value.length === 0)) {
      this.reading.repaired(
        place,
        'repaired-connections',
        `${value === null ? 'null' : '[]'} is read as {}`,
      )
      return new Map()
    }
    if (Array.isArray(value)) return this.fromNames(value as readonly Json[], place)
    const expected = 'an object {region: its task} or a list of names'
    const pairs = entriesOf(this.reading.object(value, place, expected))
    return new Map(
      pairs.map(([name, task]) => [name, this.connectionTask(name, task, `${place}.${name}`)]),
    )
  }

  private fromNames(values: readonly Json[], place: string): Map<string, string> {
    const names = values.map((name, at) =>
      this.reading.text(name, `${place}[${at}]`, "a region's name"),
    )
    const what = 'a list of names is read as {name: its task}'
    this.reading.repaired(place, 'repaired-connections', what)
    return new Map(names.map((name) => [name, this.tasks.get(name) ?? '']))
  }

  private connectionTask(name: string, task: Json, place: string): string {
    if (task !== null) return this.reading.text(task, place, `the task of ${quoted(name)}`)
    this.reading.repaired(place, 'repaired-connections', "null is read as that region's task")
    return this.tasks.get(name) ?? ''
  }

  /** An unknown type's parameters are kept as they are. */
  private parameters(fields: JsonObject, place: string, type?: RegionType): JsonObject {
    const own = Object.entries(fields).filter(([key]) => !common.includes(key))
    if (!type) return Object.fromEntries(own)
    const names = type.parameters.map((one) => one.name)
    const kept = own.filter(([key, value]) => {
      if (names.includes(key) || !writtenForAll.includes(key)) return true
      this.dropped(type, key, value, place)
      return false
    })
    const known = this.reading.known(Object.fromEntries(kept), place, names)
    return Object.fromEntries(
      Object.entries(known).map(([key, value]) => {
        const declared = type.parameters.find((one) => one.name === key)
        return [key, declared ? this.parameter(declared, value, `${place}.${key}`) : value]
      }),
    )
  }

  private dropped(type: RegionType, key: string, value: Json, place: string): void {
    if (value === null || value === false) return
    const what = `${type.name} takes no ${key}; it is ignored`
    this.reading.repaired(`${place}.${key}`, 'dropped-parameter', what)
  }

  private parameter(declared: RegionParameter, value: Json, place: string): Json {
    if (value === null && declared.default !== null) {
      const what = `null is read as the default, ${JSON.stringify(declared.default)}`
      this.reading.repaired(place, `repaired-${declared.name}`, what)
      return declared.default
    }
    if (declared.kind === 'flag') return this.flag(declared, value, place)
    if (declared.kind === 'number') return this.number(declared, value, place)
    return value
  }

  private number(declared: RegionParameter, value: Json, place: string): number {
    const { least = -Infinity, most = Infinity, name } = declared
    const number = numberIn(value)
    if (number === null || number < least || number > most) {
      const range = Number.isFinite(least) ? ` from ${least} to ${most}` : ''
      throw this.reading.refusal(place, value, `a number${range}`)
    }
    if (typeof value === 'string') {
      const what = `the text ${quoted(value)} is read as ${number}`
      this.reading.repaired(place, `repaired-${name}`, what)
    }
    return number
  }

  private flag(declared: RegionParameter, value: Json, place: string): boolean {
    if (typeof value === 'boolean') return value
    const text = typeof value === 'string' ? value.toLowerCase() : ''
    if (text !== 'true' && text !== 'false') {
      throw this.reading.refusal(place, value, 'true or false')
    }
    const what = `the text ${shownText(value)} is read as ${text}`
    this.reading.repaired(place, `repaired-${declared.name}`, what)
    return text === 'true'
  }
}

const shownText = (value: Json) => quoted(typeof value === 'string' ? value : '')

/** `value`, a number or the text of one; null for anything else. */
function numberIn(value: Json): number | null {
  if (typeof value === 'string' && value.trim() === '') return null
  if (typeof value !== 'number' && typeof value !== 'string') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

/** The entry as a regions file holds it. */
export function writeRegion(entry: RegionEntry): JsonObject {
  const { name, type, task, connections, llm, rag, parameters } = entry
  return {
    name,
    type,
    task,
    connections: objectOf(connections),
    ...(llm === 'default' ? {} : { llm }),
    ...(rag === 'default' ? {} : { rag }),
    ...parameters,
  }
}

/** Whether `value` could be a list of region entries. */
export const isRegionList = (value: Json): value is readonly JsonObject[] =>
  Array.isArray(value) && value.every((one: Json) => isObject(one))
