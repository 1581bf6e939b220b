import type { Finding } from '@/model/finding'
import { isObject, type Json, type JsonObject } from '@/model/json'

/** A file that cannot be read: the message names file, place, what was found and expected. */
export class FileProblem extends Error {
  override name = 'FileProblem'
  readonly where: string

  constructor(message: string, where = '') {
    super(message)
    this.where = where
  }
}

/**
 * A file being read: its name, for messages, and the repairs made so far. Each method takes a value
 * and its place, and gives back what it means; what has no plain meaning throws a FileProblem.
 */
export class Reading {
  readonly repairs: Finding[] = []
  readonly origin: string

  constructor(origin: string) {
    this.origin = origin
  }

  /** Note that the file was understood in another way than it was written. */
  repaired(where: string, code: string, what: string): void {
    const message = `${this.origin}: ${where}: ${what}`
    this.repairs.push({ severity: 'warning', code, message, where })
  }

  refusal(where: string, found: Json | undefined, expected: string): FileProblem {
    const named = where ? `${this.origin}: ${where}` : this.origin
    return new FileProblem(`${named}: found ${shown(found)}, expected ${expected}`, where)
  }

  object(value: Json | undefined, where: string, expected = 'an object'): JsonObject {
    if (!isObject(value)) throw this.refusal(where, value, expected)
    return value
  }

  list(value: Json | undefined, where: string, expected = 'a list'): readonly Json[] {
    if (!Array.isArray(value)) throw this.refusal(where, value, expected)
    return value as readonly Json[]
  }

  text(value: Json | undefined, where: string, expected = 'a text'): string {
    if (typeof value !== 'string') throw this.refusal(where, value, expected)
    return value
  }

  /** `fields` without those that are not `known`; a warning for each left out. */
  known(fields: JsonObject, where: string, known: readonly string[]): JsonObject {
    const kept = Object.entries(fields).filter(([key]) => {
      if (known.includes(key)) return true
      this.repaired(place(where, key), 'unknown-key', `unknown key ${quoted(key)} is ignored`)
      return false
    })
    return Object.fromEntries(kept)
  }
}

/** The place of `key` in the object at `where`. */
export const place = (where: string, key: string) => (where ? `${where}.${key}` : key)

export const quoted = (text: string) => `'${text}'`

const longest = 60

/** `value` as its file writes it, shortened where it is long. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}
