/** What a JSON file can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A plan names its chains and connections by the keys of objects, and their order matters. Of its
 * own, JavaScript lists keys such as "10" by number before all others; so the order of objects with
 * such keys is kept here.
 */
const orders = new WeakMap<object, readonly string[]>()

type Table<Value> = Readonly<Record<string, Value>>

/** An object that holds `entries` in their order. */
export function objectOf<Value>(entries: Iterable<readonly [string, Value]>): Table<Value> {
  const held = new Map(entries)
  const object = Object.fromEntries(held)
  const keys = [...held.keys()]
  if (keys.some((key) => /^\d+$/.test(key))) orders.set(object, keys)
  return object
}

/** What `object` holds, in the order of its text or of `objectOf`. */
export function entriesOf<Value>(object: Table<Value>): [string, Value][] {
  const keys = orders.get(object) ?? Object.keys(object)
  return keys.map((key) => [key, object[key] as Value])
}

/** A key of digits in a text: a quote inside another text stands behind a backslash. */
const numberedKey = /(?<=[{,\s])"(#*\d+)"(?=\s*:)/g

/** As JSON.parse; `entriesOf` tells the order in which the text lists an object's entries. */
export function parse(text: string): Json {
  const value = JSON.parse(text) as Json
  const marked = text.replaceAll(numberedKey, '"#$1"')
  return marked === text ? value : (JSON.parse(marked, unmarked) as Json)
}

function unmarked(_: string, value: Json): Json {
  if (!isObject(value)) return value
  return objectOf(Object.entries(value).map(([key, one]) => [key.replace(/^#(?=#*\d+$)/, ''), one]))
}

/** As JSON.stringify, with each object's entries in the order that `entriesOf` tells. */
export function stringify(value: Json, indent = 0): string {
  return written(value, ' '.repeat(indent), '\n')
}

function written(value: Json, indent: string, line: string): string {
  const inner = line + indent
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((one) => written(one, indent, inner))
    return enclosed('[', items, ']', indent, line)
  }
  if (!isObject(value)) return JSON.stringify(value)
  const colon = indent ? ': ' : ':'
  const items = entriesOf(value)
    .filter(([, one]) => (one as Json | undefined) !== undefined)
    .map(([key, one]) => JSON.stringify(key) + colon + written(one, indent, inner))
  return enclosed('{', items, '}', indent, line)
}

function enclosed(
  open: string,
  items: readonly string[],
  close: string,
  indent: string,
  line: string,
): string {
  if (items.length === 0) return open + close
  if (!indent) return open + items.join(',') + close
  return open + items.map((item) => line + indent + item).join(',') + line + close
}
