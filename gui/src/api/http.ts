import { parse, stringify, type Json, type JsonObject } from '@/model/json'

/** The coordinator refused, or is not there: `status` is 0 where nothing answered. */
export class ApiProblem extends Error {
  override name = 'ApiProblem'
  readonly status: number
  readonly code: string
  readonly where: string
  /** The whole answer, which may hold findings. */
  readonly body: Json

  constructor(status: number, code: string, message: string, where = '', body: Json = null) {
    super(message)
    this.status = status
    this.code = code
    this.where = where
    this.body = body
  }
}

/** What `GET path` answers. Paths are relative to the editor's own address. Throws ApiProblem. */
export function get<Answer>(path: string): Promise<Answer> {
  return ask<Answer>(path, {})
}

/** What `POST path` answers. Throws ApiProblem. */
export function post<Answer>(path: string, body: object = {}): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json' }
  return ask<Answer>(path, { method: 'POST', headers, body: stringify(body as JsonObject) })
}

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(path, init).catch(() => null)
  const body = await response
    ?.text()
    .then(parse)
    .catch(() => undefined)
  if (response?.ok && body !== undefined) return body as Answer
  if (!response || body === undefined) {
    const message = 'No coordinator answers. Start one with: regions-coordinator serve'
    throw new ApiProblem(0, 'unavailable', message)
  }
  throw refusal(response.status, body)
}

/** The problem that an answer tells of. */
export function refusal(status: number, body: Json): ApiProblem {
  const { error } = (body ?? {}) as { error?: { code: string; message: string; where: string } }
  const { code, message, where } = error ?? {
    code: 'internal',
    message: `It answered with status ${status}.`,
    where: '',
  }
  return new ApiProblem(status, code, message, where, body)
}
