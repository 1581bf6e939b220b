import { parse, type Json } from '@/model/json'
import { FileProblem } from '@/model/codec/reading'

/** The document in `text`. Throws FileProblem with file and what the parser said. */
export function parseJson(text: string, origin: string): Json {
  try {
    return parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FileProblem(`${origin}: is not JSON: ${reason}`)
  }
}
