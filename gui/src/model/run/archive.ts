import { entriesOf, isObject, parse, type Json, type JsonObject } from '@/model/json'
import { readEvent, type RunEvent } from '@/model/run/events'
import type { Recording } from '@/model/run/recording'
import type { Schedule } from '@/model/run/schedule'

type Fields = Readonly<Record<string, string>>
type Entries = readonly (readonly [string, Fields])[]

/** A run as its archive keeps it: a head, then a line for each key that the broker held. */
export function readArchive(lines: readonly JsonObject[]): Recording {
  const [head, ...rest] = lines
  const keys = new Map(rest.map((line) => [line['key'], line['value'] ?? null]))
  const fields = hash(keys.get('plan'))
  const plan = planOf(fields)
  const trace = new Map(stream(keys.get('trace')))
  const bodies = hash(keys.get('bodies'))
  const schedule = plan === null ? null : scheduleOf(fields, plan)
  const events = stream(keys.get('events')).flatMap(
    ([, event], index) => eventOf(event, index, { trace, bodies, schedule }) ?? [],
  )
  const run = head?.['run']
  return { run: typeof run === 'string' ? run : '', plan, schedule, first: firstOf(keys), events }
}

function planOf(fields: Fields): Json {
  try {
    return parse(fields['document'] ?? 'null')
  } catch {
    return null
  }
}

const firstOf = (keys: ReadonlyMap<unknown, Json>): number =>
  Number(hash(keys.get('run'))['first'] ?? 0) || 0

/** What the broker was told of the plan: `layer:0`, `chains:0`, `steps:0:1`, `step:<id>:region`. */
function scheduleOf(fields: Fields, plan: Json): Schedule {
  const tables = isObject(plan) ? plan['layer_config'] : []
  return range(fields['places']).map((place) => {
    const layer = Number(fields[`layer:${place}`] ?? place)
    const table = Array.isArray(tables) ? (tables as readonly Json[])[layer] : null
    const names = isObject(table) ? entriesOf(table).map(([name]) => name) : []
    return {
      layer,
      chains: range(fields[`chains:${place}`]).map((index) => ({
        name: names[index] ?? `chain ${index + 1}`,
        steps: range(fields[`steps:${place}:${index + 1}`]).map((step) =>
          stepOf(fields, [place, index + 1, step]),
        ),
      })),
    }
  })
}

function stepOf(fields: Fields, [place, chain, step]: readonly [number, number, number]) {
  const parts = [pad(place, 4), pad(chain, 3), pad(step, 3)]
  const id = parts.join('-')
  const told = (what: string) => fields[`step:${id}:${what}`] ?? ''
  return { id, region: told('region'), method: told('method') }
}

interface Ground {
  readonly trace: ReadonlyMap<string, Fields>
  readonly bodies: Fields
  readonly schedule: Schedule | null
}

/** The event that views get of one that the broker holds: a message's is told by the trace. */
function eventOf(fields: Fields, index: number, ground: Ground): RunEvent | null {
  const all = { ...fields, ...ground.trace.get(fields['entry'] ?? '') }
  const number = (name: string, otherwise: number) => Number(fields[name] ?? otherwise)
  return readEvent({
    ...all,
    seq: number('number', index + 1),
    at: number('at', 0) / 1e6,
    content: contentOf(all, ground.bodies),
    copies: copiesOf(all['copies']),
    trace: number('seq', 0),
    place: number('place', 0),
    layer: number('layer', 0),
    chain_name: chainName(fields['step'] ?? '', ground.schedule),
    stopped_before: fields['code'] === 'step' ? number('where', 0) : null,
  })
}

/** A long text stands among the bodies, once for all that hold it. */
const contentOf = (fields: Fields, bodies: Fields): string =>
  fields['content'] || (bodies[fields['body'] ?? ''] ?? '')

function chainName(step: string, schedule: Schedule | null): string {
  const [place, chain] = step.split('-').map(Number)
  return schedule?.[place ?? -1]?.chains[(chain ?? 0) - 1]?.name ?? ''
}

const copiesOf = (text: string | undefined): Json => (text ? (JSON.parse(text) as Json) : [])

const range = (count: string | undefined) => [...Array(Number(count ?? 0) || 0).keys()]
const pad = (number: number, digits: number) => String(number).padStart(digits, '0')
const hash = (value: Json | undefined): Fields => (isObject(value) ? (value as Fields) : {})
const stream = (value: Json | undefined): Entries => {
  const entries: unknown = value
  return isEntries(entries) ? entries : []
}

const isEntries = (value: unknown): value is Entries => Array.isArray(value)
