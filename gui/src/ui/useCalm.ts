import { useEffect, useRef, useState } from 'react'

/** `value`, but a new one at most each `every` milliseconds; the last one always comes. */
export function useCalm<Value>(value: Value, every: number): Value {
  const [calm, setCalm] = useState(value)
  const changed = useRef(0)
  useEffect(() => {
    const wait = changed.current + every - performance.now()
    const change = () => {
      changed.current = performance.now()
      setCalm(value)
    }
    const timer = setTimeout(change, Math.max(0, wait))
    return () => clearTimeout(timer)
  }, [value, every])
  return calm
}
