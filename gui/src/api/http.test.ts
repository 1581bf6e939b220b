import { expect, it, vi } from 'vitest'
import { get, post } from '@/api/http'
import { entriesOf, parse, type JsonObject } from '@/model/json'

const plan = '{"plan":{"layer_config":[{"b":["B"],"10":["A"],"2":["C"]}]}}'

/** Answers each request with what was sent, or with the plan. */
function echo(_path: string, init: RequestInit): Promise<Response> {
  return Promise.resolve(new Response(typeof init.body === 'string' ? init.body : plan))
}

it('a plan keeps the order of its chains on the way to the coordinator and back', async () => {
  vi.stubGlobal('fetch', vi.fn(echo))

  const [got, sent] = [
    await get<JsonObject>('plan'),
    await post<JsonObject>('plan', parse(plan) as JsonObject),
  ]

  for (const answer of [got, sent]) {
    const { layer_config: layers } = answer.plan as { layer_config: readonly JsonObject[] }
    expect(layers.map((chains) => entriesOf(chains).map(([name]) => name))).toEqual([
      ['b', '10', '2'],
    ])
  }
  vi.unstubAllGlobals()
})
