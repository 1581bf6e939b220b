import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { builtinCatalog } from '@/model/builtin'
import { parseJson } from '@/model/codec/parse'
import { load } from '@/model/codec/read'
import type { Finding } from '@/model/finding'
import type { Json } from '@/model/json'
import { validate } from '@/model/validate'

interface Case {
  about: string
  plan: Json
  findings: Pick<Finding, 'severity' | 'code' | 'where'>[]
}

const folder = '../tests/plans_with_findings'
const cases = readdirSync(folder).map((name) => ({
  name,
  ...(parseJson(readFileSync(`${folder}/${name}`, 'utf8'), name) as unknown as Case),
}))

const check = (content: Json) => {
  const { document } = load([{ name: 'plan.json', content }], builtinCatalog)
  return validate(document, builtinCatalog)
}

describe("the coordinator's corpus", () => {
  it.each(cases)('$about', ({ plan, findings }) => {
    const found = check(plan).map(({ severity, code, where }) => ({ severity, code, where }))
    expect(found).toEqual(findings)
  })
})

describe('a problem has a place to go to', () => {
  const placeOf = (name: string) => {
    const found = cases.find((one) => one.name === `${name}.json`)
    return check(found?.plan ?? null)[0]?.place
  }

  it.each([
    ['one_name_twice', { kind: 'region', region: 'region-3' }],
    ['two_chains', { kind: 'layer', layer: 'layer-1' }],
    ['reroute_missing', { kind: 'settings', section: 'postmaster' }],
    ['rules_for_nobody', { kind: 'settings', section: 'steps' }],
    ['no_regions', { kind: 'plan' }],
    [
      'entries_outside',
      { kind: 'call', layer: 'layer-1', call: 'layer-1-call-2', region: 'region-2' },
    ],
  ])('%s', (name, place) => {
    expect(placeOf(name)).toEqual(place)
  })
})
