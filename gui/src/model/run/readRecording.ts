import { isObject, parse, type Json, type JsonObject } from '@/model/json'
import { readArchive } from '@/model/run/archive'
import { readEvent } from '@/model/run/events'
import { NotARecording, type Recording } from '@/model/run/recording'
import type { Schedule } from '@/model/run/schedule'
import { readTraceLines } from '@/model/run/traceLines'

/**
 * A run out of a file: a recording, an archived run, or a trace. Throws NotARecording.
 */
export function readRecording(text: string, name: string): Recording {
  const whole = parsed(text)
  if (isObject(whole) && Array.isArray(whole['events'])) return fromRecording(whole, name)
  const lines = linesOf(text, name)
  const [head] = lines
  if (!head) throw new NotARecording(`${name}: is empty. ${expected}`)
  if ('run' in head && 'version' in head) return readArchive(lines)
  if ('source' in head && 'outcome' in head) return readTraceLines(lines, name)
  throw new NotARecording(`${name}: holds no run. ${expected}`)
}

const expected =
  'Expected a recording, an archived run (.jsonl), or the output of “regions-coordinator trace RUN --json”.'

function fromRecording(json: JsonObject, name: string): Recording {
  const events = (json['events'] as readonly Json[]).flatMap((event) => readEvent(event) ?? [])
  const run = isObject(json['run']) ? json['run']['run'] : null
  return {
    run: typeof run === 'string' ? run : name,
    plan: json['plan'] ?? null,
    schedule: readSchedule(json['places']),
    first: typeof json['first'] === 'number' ? json['first'] : 0,
    events,
  }
}

/** The places of a run, as the API and recordings tell them; null for anything else. */
function readSchedule(places: Json | undefined): Schedule | null {
  if (!Array.isArray(places)) return null
  const shaped = places.every((place) => isObject(place) && Array.isArray(place['chains']))
  return shaped ? places : null
}

function parsed(text: string): Json | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function linesOf(text: string, name: string): JsonObject[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const json = parsed(line)
    if (isObject(json)) return [json]
    throw new NotARecording(`${name}: line ${index + 1} is no JSON object. ${expected}`)
  })
}
