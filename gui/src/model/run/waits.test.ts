import { expect, test } from 'vitest'
import { readEvent } from '@/model/run/events'
import { Replay } from '@/model/run/replay'
import { stillWaiting, type Wait } from '@/model/run/waits'

const wait = (step: string | null): Wait => ({
  ...{ kind: step === null ? 'resume' : 'step', what: step ?? 'the run', waits_for: 'a worker' },
  ...{ since: 1, todo: '', step, worker: null },
})

const told = (step: string, status: string, seq: number) =>
  readEvent({ seq, at: seq, type: 'step', step, region: 'A', method: 'm', status }) ?? []

const waits = [
  wait('done'),
  wait('failed'),
  wait('again'),
  wait('begun'),
  wait('unheard'),
  wait(null),
]

test('what has ended since the coordinator was asked is no longer waited for', () => {
  const replay = new Replay(
    [
      ...(['done', 'failed', 'again', 'begun'] as const).map((id) => [id, 'running'] as const),
      ...[['done', 'done'] as const, ['failed', 'failed'] as const],
      ...[['again', 'failed'] as const, ['again', 'queued'] as const],
    ].flatMap(([step, status], index) => told(step, status, index + 1)),
  )
  expect(stillWaiting(waits, replay.at()).map(({ step }) => step)).toEqual([
    'again',
    'begun',
    'unheard',
    null,
  ])
})
