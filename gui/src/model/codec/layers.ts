import { entriesOf, type Json, type JsonObject } from '@/model/json'
import type { ChainTable, MethodEntry, Plan } from '@/model/plan'
import type { Reading } from '@/model/codec/reading'

/** What a file form calls its layers, their methods and their order. */
export interface LayerKeys {
  readonly layers: string
  readonly methods: string
  readonly order: string
  readonly orderMayMiss: boolean
}

export const planKeys: LayerKeys = {
  layers: 'layer_config',
  methods: 'execution_config',
  order: 'execution_order',
  orderMayMiss: true,
}

/** As a plan's; that the order is missing is told. */
export const executionKeys: LayerKeys = { ...planKeys, orderMayMiss: false }

export const editorKeys: LayerKeys = {
  layers: 'layerConfig',
  methods: 'executionConfig',
  order: 'executionOrder',
  orderMayMiss: false,
}

type Layers = Pick<Plan, 'layer_config' | 'execution_config' | 'execution_order'>

/** The layers that `fields` hold under `keys`, filled up to equal length. */
export function readLayers(reading: Reading, fields: JsonObject, keys: LayerKeys): Layers {
  const layers = reading
    .list(fields[keys.layers], keys.layers)
    .map((layer, at) => readChains(reading, layer, `${keys.layers}[${at}]`))
  const methods = reading
    .list(fields[keys.methods], keys.methods)
    .map((layer, at) => readMethods(reading, layer, `${keys.methods}[${at}]`))
  pad(reading, layers, methods, keys)
  return {
    layer_config: layers,
    execution_config: methods,
    execution_order: readOrder(reading, fields[keys.order], keys, layers.length),
  }
}

function readChains(reading: Reading, layer: Json, place: string): ChainTable {
  const chains = reading.object(layer, place, 'an object {chain: [region, …]}')
  return new Map(
    entriesOf(chains).map(([name, regions]) => [
      name,
      readNames(reading, regions, `${place}.${name}`),
    ]),
  )
}

function readNames(reading: Reading, names: Json, place: string): string[] {
  return reading
    .list(names, place, 'a list of region names')
    .map((name, at) => reading.text(name, `${place}[${at}]`, "a region's name"))
}

function readMethods(reading: Reading, layer: Json, place: string): MethodEntry[] {
  return reading.list(layer, place, 'a list of [region, method]').map((entry, at) => {
    const [region, method, ...more] = Array.isArray(entry) ? (entry as readonly Json[]) : []
    if (typeof region === 'string' && typeof method === 'string' && more.length === 0) {
      return [region, method] as const
    }
    throw reading.refusal(`${place}[${at}]`, entry, 'a pair [region, method]')
  })
}

function pad(
  reading: Reading,
  layers: ChainTable[],
  methods: MethodEntry[][],
  keys: LayerKeys,
): void {
  const missing = layers.length - methods.length
  if (missing === 0) return
  const [short, other] = missing > 0 ? [keys.methods, keys.layers] : [keys.layers, keys.methods]
  const what = `is ${Math.abs(missing)} shorter than ${other}; filled up with empty layers`
  reading.repaired(short, 'padded-layers', what)
  while (methods.length < layers.length) methods.push([])
  while (layers.length < methods.length) layers.push(new Map())
}

function readOrder(
  reading: Reading,
  value: Json | undefined,
  keys: LayerKeys,
  count: number,
): number[] {
  if (value == null) {
    if (!keys.orderMayMiss) {
      const what = 'is missing; layers run as they are listed'
      reading.repaired(keys.order, 'missing-key', what)
    }
    return Array.from({ length: count }, (_, at) => at)
  }
  return reading
    .list(value, keys.order, 'a list of layer indexes')
    .map((index, at) => readIndex(reading, index, `${keys.order}[${at}]`, count))
}

function readIndex(reading: Reading, value: Json, place: string, count: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < count) {
    return value
  }
  const expected = count ? `a layer's index from 0 to ${count - 1}` : 'nothing: there are no layers'
  throw reading.refusal(place, value, expected)
}
