import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyJson } from '@/model/fixtures/anyPlan'
import { entriesOf, isObject, objectOf, parse, stringify, type Json } from '@/model/json'

const keysOf = (value: Json) => entriesOf(value as Record<string, Json>).map(([key]) => key)

describe('the order of an object', () => {
  it('is that of its text, for keys of digits too', () => {
    const value = parse('{"b": 1, "10": {"z": [], "3": 0, "#1": 0, "1": 0}, "2": null, "a": 2}')
    expect(keysOf(value)).toEqual(['b', '10', '2', 'a'])
    expect(keysOf((value as Record<string, Json>)['10'] ?? null)).toEqual(['z', '3', '#1', '1'])
  })

  it('is that of its entries, and a key given twice stands where it came first', () => {
    const object = objectOf([
      ['b', 1],
      ['7', 2],
      ['1', 3],
      ['b', 4],
    ])
    expect(entriesOf(object)).toEqual([
      ['b', 4],
      ['7', 2],
      ['1', 3],
    ])
    expect(stringify(object)).toBe('{"b":4,"7":2,"1":3}')
  })

  it('is not disturbed by what only looks like a key', () => {
    const text = '{"a":"{\\"1\\": 2, ,\\"3\\":","2":"\\\\","1":[" \\"2\\":"]}'
    expect(stringify(parse(text))).toBe(text)
  })
})

describe('any JSON value', () => {
  it('is written as JSON.stringify writes it, but for the order', () => {
    fc.assert(
      fc.property(anyJson, fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(stringify(JSON.parse(text) as Json, indent)).toBe(text)
      }),
    )
  })

  it('is read as JSON.parse reads it, and written as it was', () => {
    fc.assert(
      fc.property(anyJson.map(shuffled), (value) => {
        const text = stringify(value, 2)
        expect(parse(text)).toEqual(JSON.parse(text))
        expect(stringify(parse(text), 2)).toBe(text)
      }),
    )
  })
})

/** The value with each object's entries the other way round. */
function shuffled(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(shuffled)
  if (!isObject(value)) return value
  return objectOf(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, shuffled(one)] as const),
  )
}
