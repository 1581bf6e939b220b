import type { Gap } from '@/model/run/replay'

/** So many gaps are told one by one. */
const most = 3

/** That events are missing, in words for people; "" where none is. */
export function gapsText(gaps: readonly Gap[]): string {
  if (gaps.length === 0) return ''
  const [[first, last] = [0, 0]] = gaps
  const one = gaps.length === 1 && first === last
  const subject = one ? `Event ${first} is` : `Events ${listed(gaps)} are`
  return `${subject} missing: what is shown may be incomplete.`
}

function listed(gaps: readonly Gap[]): string {
  const told = gaps
    .slice(0, most)
    .map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`))
  return gaps.length > most ? `${told.join(', ')} and others` : told.join(', ')
}
