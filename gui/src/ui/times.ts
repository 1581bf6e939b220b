/** How long, in few characters: "85 ms", "3.2 s", "2 min 05 s", "1 h 03 min". */
export function duration(seconds: number): string {
  const span = Math.max(0, seconds)
  if (span < 0.9995) return `${Math.round(span * 1000)} ms`
  if (span < 59.95) return `${span.toFixed(1)} s`
  const whole = Math.round(span)
  const padded = (number: number) => String(number).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`
  return `${Math.floor(whole / 3600)} h ${padded(Math.floor((whole % 3600) / 60))} min`
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** The time of day of a moment, in seconds since 1970. */
export const timeOfDay = (at: number): string => clock.format(at * 1000)

export const dayAndTime = (at: number): string => calendar.format(at * 1000)
