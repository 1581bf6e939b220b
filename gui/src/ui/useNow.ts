import { useEffect, useState } from 'react'

/** Seconds since 1970, anew each `every` milliseconds while `ticking`. */
export function useNow(every: number, ticking = true): number {
  const [now, setNow] = useState(() => Date.now() / 1000)
  useEffect(() => {
    if (!ticking) return
    const timer = setInterval(() => setNow(Date.now() / 1000), every)
    return () => clearInterval(timer)
  }, [every, ticking])
  return now
}
