import { useSyncExternalStore } from 'react'

/** What the address after the # shows. */
export type Route =
  | { readonly view: 'plan' }
  | { readonly view: 'runs' }
  | { readonly view: 'run'; readonly run: string }
  | { readonly view: 'machines' }
  | { readonly view: 'recording' }

/** Hash routes, so that plain files work as well as a server. */
export function parseRoute(hash: string): Route {
  const [view = '', ...rest] = hash.replace(/^#?\/?/, '').split('/')
  const run = decodeURIComponent(rest.join('/'))
  if (view === 'runs') return run ? { view: 'run', run } : { view: 'runs' }
  if (view === 'machines' || view === 'recording') return { view }
  return { view: 'plan' }
}

export const goToRun = (run: string): void => {
  location.hash = `#/runs/${encodeURIComponent(run)}`
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(listen, () => location.hash))
}

function listen(changed: () => void): () => void {
  addEventListener('hashchange', changed)
  return () => removeEventListener('hashchange', changed)
}
