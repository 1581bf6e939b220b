import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import type { Worker } from '@/api/answers'
import { StubModel } from './model'
import { Process } from './processes'
import { folder, Serving, Staging } from './serving'
import { launch } from './watching'

/** What the worker of each name is started with; with `--llm` it has the stub for a model. */
type Crew = Readonly<Record<string, readonly string[]>>

/** A server on a broker, real workers, and a stub instead of a model: what the tests share. */
export class Cluster {
  private constructor(
    readonly browser: Browser,
    readonly serving: Serving,
    readonly model: StubModel,
    readonly home: string,
    private readonly staging: Staging,
    private readonly workers: Readonly<Record<string, Process>>,
  ) {}

  /** It is there once the server knows of all its workers. */
  static async start(home: string, crew: Crew): Promise<Cluster> {
    const [staging, model, browser] = await Promise.all([
      Staging.start(`${home}/broker`),
      StubModel.start(),
      launch(),
    ])
    const workers = Object.entries(crew).map(([name, words]) => {
      const env = words.includes('--llm') ? { REGIONS_LLM_URL: model.url } : {}
      const all = ['--redis', staging.redis, '--name', name, ...words]
      const own = { REGIONS_HOME: `${home}/${name}` }
      return [name, new Process('regions-worker', all, { ...own, ...env })] as const
    })
    const serving = await Serving.start(home, staging.redis)
    await vi.waitFor(async () => {
      const known = await serving.get<Worker[]>('workers')
      expect(known.map(({ name }) => name).sort()).toEqual(Object.keys(crew).sort())
    }, 20_000)
    return new Cluster(browser, serving, model, home, staging, Object.fromEntries(workers))
  }

  /** End that worker at once: it takes leave of nobody. */
  async kill(name: string): Promise<void> {
    await this.workers[name]?.end('SIGKILL')
  }

  async end(): Promise<void> {
    await this.browser.close()
    await Promise.all(Object.values(this.workers).map((worker) => worker.end('SIGKILL')))
    await this.serving.end()
    await this.staging.end()
    this.model.end()
  }
}

/** A cluster with these workers, for the tests of a file. */
export function cluster(crew: Crew): { readonly it: Cluster } {
  const there: { it?: Cluster } = {}
  const home = folder()
  beforeAll(async () => {
    there.it = await Cluster.start((await home).path, crew)
  })
  afterAll(async () => {
    await there.it?.end()
    await (await home).remove()
  })
  return there as { it: Cluster }
}
