// @vitest-environment node
import { expect, test, vi } from 'vitest'
import { hear, type Link } from '@/api/events'
import type { RunEvent } from '@/model/run/events'

const told = (seq: number, more: object = {}) =>
  `id: ${seq}-0\ndata: ${JSON.stringify({ seq, at: seq, type: 'run', status: 'running', ...more })}\n\n`

const stream = (...texts: string[]) =>
  new Response(new Blob(texts).stream(), { headers: { 'Content-Type': 'text/event-stream' } })

/** Hears all answers of a stubbed server, until the run is over or refused. */
async function heard(...answers: (() => Response)[]) {
  const asked = vi.fn<(path: string, options: RequestInit) => Promise<Response>>(() => {
    const next = answers.shift()
    return next ? Promise.resolve(next()) : Promise.reject(new TypeError('gone'))
  })
  vi.stubGlobal('fetch', asked)
  const events: RunEvent[] = []
  const links: Link[] = []
  const refusal = await new Promise<string>((resolve) => {
    hear('r', {
      onEvent: (event) => events.push(event),
      onLink: (link) => {
        links.push(link)
        if (link === 'ended') resolve('')
      },
      onRefusal: (error) => resolve(error.code),
    })
  })
  const from = asked.mock.calls.map(([, { headers }]) => headers)
  return { seqs: events.map(({ seq }) => seq), links, from, refusal }
}

test('a stream that breaks is taken up behind the newest event', async () => {
  const result = await heard(
    () => stream(told(1), told(2).slice(0, 30)),
    () => stream(told(2), told(3, { status: 'succeeded' })),
  )
  expect(result.seqs).toEqual([1, 2, 3])
  expect(result.links).toEqual(['connecting', 'open', 'lost', 'open', 'ended'])
  expect(result.from).toEqual([{}, { 'Last-Event-ID': '1-0' }])
})

test('a run of which nothing more comes is not asked for again', async () => {
  const result = await heard(() => new Response(null, { status: 204 }))
  expect(result.links).toEqual(['connecting', 'ended'])
})

test('a run that is not there is told as such, and not tried again', async () => {
  const error = { error: { code: 'no-such-run', message: 'none', where: 'r' } }
  const result = await heard(() => Response.json(error, { status: 404 }))
  expect(result.refusal).toBe('no-such-run')
  expect(result.from).toHaveLength(1)
})
