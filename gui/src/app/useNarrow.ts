import { useSyncExternalStore } from 'react'

const query = () => matchMedia('(max-width: 640px)')

/** Whether the screen is too small to edit on. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = query()
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    () => query().matches,
  )
}
