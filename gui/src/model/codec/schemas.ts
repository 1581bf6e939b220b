import * as z from 'zod/mini'
import { isObject, type JsonObject } from '@/model/json'

/** What a plan's sections may hold. An error says what was expected, to end a sentence. */
const text = z.string('a text')
const count = z.int({
  error: ({ code }) => `a whole number${code === 'invalid_type' ? '' : ' of at most 15 digits'}`,
})
const number = z.number('a number')
const positive = number.check(z.gt(0, 'greater than 0'))
const atLeast = (least: number) => count.check(z.gte(least, `${least} or more`))

const optional = <Schema extends z.ZodMiniType>(schema: Schema) => z.optional(schema)
const orNull = <Schema extends z.ZodMiniType>(schema: Schema) => z.optional(z.nullable(schema))

// An object is kept as it is: zod's own records forget the order of names that are digits.
const anything = z.custom<JsonObject>(isObject, 'an object')
const texts = z.custom<Readonly<Record<string, string>>>(
  (found) => isObject(found) && Object.values(found).every((one) => typeof one === 'string'),
  'an object {name: text}',
)
const names = z.array(text, 'a list of texts')

export const outsideMessage = z.object({
  source: text,
  destination: text,
  role: z._default(z.enum(['request', 'reply'], "'request' or 'reply'"), 'request'),
  content: text,
})

export const postmaster = z.object({
  undeliverable: optional(
    z.enum(
      ['drop', 'retry', 'reroute', 'return', 'error'],
      "'drop', 'retry', 'reroute', 'return' or 'error'",
    ),
  ),
  retries: optional(atLeast(0).check(z.lte(20, '20 or less'))),
  rts_source: orNull(text),
  rts_prepend: orNull(text),
  reroute_destination: orNull(text),
  cc: orNull(names),
  print_address: optional(text),
  max_hops: optional(atLeast(1)),
  inbox_limit: optional(atLeast(1)),
  inbox_bytes: optional(atLeast(1)),
})

export const stepPolicy = z.object({
  timeout: orNull(positive),
  retries: optional(atLeast(0).check(z.lte(100, '100 or less'))),
  backoff: optional(number.check(z.gte(0, '0 or more'))),
  on_failure: optional(z.enum(['fail', 'continue'], "'fail' or 'continue'")),
})

export const placement = z.object({
  worker: orNull(text),
  pool: orNull(text),
  labels: optional(texts),
})

export const llmSpec = z.object({
  url: orNull(text),
  model: orNull(text),
  params: optional(anything),
  slots: orNull(atLeast(1)),
  timeout: orNull(positive),
})

export const embeddingSpec = z.object({ url: orNull(text), model: orNull(text) })

export const ragSpec = z.object({
  path: orNull(text),
  documents: optional(names),
  embedding: optional(text),
  chunk_size: optional(atLeast(16)),
  overlap: optional(atLeast(0)),
  max_results: optional(atLeast(1)),
})
