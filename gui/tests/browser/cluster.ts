import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import type { Worker } from '@/api/answers'
import { StubModel } from './model'
import { Process } from './processes'
import { folder, Serving, Staging } from './serving'
import { launch } from './watching'

/** A server on a broker, real workers, and a stub instead of a model: what the tests share. */
export class Cluster {
  private readonly workers = new Map<string, Process>()

  private constructor(
    readonly browser: Browser,
    readonly serving: Serving,
    readonly model: StubModel,
    private readonly staging: Staging,
    readonly home: string,
  ) {}

  static async start(home: string): Promise<Cluster> {
    const [staging, model, browser] = await Promise.all([
      Staging.start(`${home}/broker`),
      StubModel.start(),
      launch(),
    ])
    const serving = await Serving.start(home, staging.redis)
    return new Cluster(browser, serving, model, staging, home)
  }

  /** A `regions-worker` of that name, once the server knows of it; with `--llm` it has the stub. */
  async worker(name: string, ...words: string[]): Promise<void> {
    const model = words.includes('--llm') ? { REGIONS_LLM_URL: this.model.url } : {}
    const env = { REGIONS_HOME: `${this.home}/${name}`, ...model }
    const all = ['--redis', this.staging.redis, '--name', name, ...words]
    this.workers.set(name, new Process('regions-worker', all, env))
    await vi.waitFor(async () => {
      const there = await this.serving.get<Worker[]>('workers')
      expect(there.map((one) => one.name)).toContain(name)
    }, 20_000)
  }

  /** End that worker at once: it takes leave of nobody. */
  async kill(name: string): Promise<void> {
    await this.workers.get(name)?.end('SIGKILL')
    this.workers.delete(name)
  }

  async end(): Promise<void> {
    await this.browser.close()
    await Promise.all([...this.workers.keys()].map((name) => this.kill(name)))
    await this.serving.end()
    await this.staging.end()
    this.model.end()
  }
}

/** A cluster for the tests of a file, and what `furnish` starts on it. */
export function cluster(furnish: (cluster: Cluster) => Promise<unknown>): { readonly it: Cluster } {
  const there: { it?: Cluster } = {}
  const home = folder()
  beforeAll(async () => {
    there.it = await Cluster.start((await home).path)
    await furnish(there.it)
  })
  afterAll(async () => {
    await there.it?.end()
    await (await home).remove()
  })
  return there as { it: Cluster }
}
