/** How a worker is, by the age of its last heartbeat. A long step does not make it older. */
export type Liveness = 'live' | 'late' | 'lost'

const lease = 2

/** `age` in seconds; a heartbeat comes several times a lease, and 3 leases without one are death. */
export function livenessOf(age: number): Liveness {
  if (age <= lease) return 'live'
  return age <= 3 * lease ? 'late' : 'lost'
}
