import type { Worker } from '@/api/answers'
import { livenessOf } from '@/model/run/liveness'

/** Seconds for which a worker that is not heard of is still shown. */
const remembered = 60

/**
 * The workers that are told of, and those that were late before and are told of no more: they
 * did not leave, they are lost. `passed` is the time since the workers `before` were told of.
 */
export function withLost(
  before: readonly Worker[],
  told: readonly Worker[],
  passed: number,
): Worker[] {
  const there = new Set(told.map(keyOf))
  const lost = before
    .filter((worker) => livenessOf(worker.age) !== 'live' && !there.has(keyOf(worker)))
    .map((worker) => ({ ...worker, age: worker.age + passed }))
    .filter(({ age }) => age < remembered)
  return [...told, ...lost]
}

const keyOf = ({ name, run }: Worker) => JSON.stringify([name, run])
