import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { folder, Serving } from './serving'
import { launch } from './watching'

/** What the tests of a file share, from the first to the last. */
export interface Stage {
  readonly browser: Browser
  /** Without a broker: each run has one of its own. */
  readonly serving: Serving
  /** The server's home, and a place for files. */
  readonly home: string
}

/** A browser, and a server with a home of its own; they are there while the tests run. */
export function stage(): Stage {
  const there: Partial<Stage> = {}
  const home = folder()
  beforeAll(async () => {
    const { path } = await home
    const [serving, browser] = await Promise.all([Serving.start(path), launch()])
    Object.assign(there, { home: path, serving, browser })
  })
  afterAll(async () => {
    await there.browser?.close()
    await there.serving?.end()
    await (await home).remove()
  })
  return there as Stage
}
