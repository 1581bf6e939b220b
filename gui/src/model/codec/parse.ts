import { entriesOf, isObject, parse, type Json } from '@/model/json'
import { FileProblem } from '@/model/codec/reading'

/** The document in `text`. Throws FileProblem with file and what the parser said. */
export function parseJson(text: string, origin: string): Json {
  try {
    return held(parse(text.replace(/^\uFEFF/, '')))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FileProblem(`${origin}: is not JSON: ${reason}`)
  }
}

/** `value`, in which no number is too large to be written again. */
function held(value: Json): Json {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('a number is too large')
  if (Array.isArray(value)) (value as readonly Json[]).forEach(held)
  else if (isObject(value)) entriesOf(value).forEach(([, one]) => held(one))
  return value
}
