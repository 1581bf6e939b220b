import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Process } from './processes'

/** A `regions-coordinator serve` with a home of its own. */
export class Serving {
  readonly url: string
  readonly port: string
  private readonly process: Process

  private constructor(url: string, process: Process) {
    this.url = url
    this.port = new URL(url).port
    this.process = process
  }

  /** On the broker at `redis`, or without one: then each run has a broker of its own. */
  static async start(home: string, redis?: string, port = '0'): Promise<Serving> {
    const words = ['serve', '--port', port, '--quiet', ...(redis ? ['--redis', redis] : [])]
    const process = new Process('regions-coordinator', words, { REGIONS_HOME: home })
    return new Serving(await process.line(), process)
  }

  async get<Answer>(path: string): Promise<Answer> {
    return (await (await fetch(`${this.url}/api/${path}`)).json()) as Answer
  }

  async post<Answer>(path: string, body: object): Promise<Answer> {
    const headers = { 'Content-Type': 'application/json' }
    const options = { method: 'POST', headers, body: JSON.stringify(body) }
    return (await (await fetch(`${this.url}/api/${path}`, options)).json()) as Answer
  }

  end(signal?: NodeJS.Signals): Promise<void> {
    return this.process.end(signal)
  }
}

/** Runs whose steps are played at a given rate, on a real broker. */
export class Staging {
  readonly redis: string
  private readonly process: Process

  private constructor(redis: string, process: Process) {
    this.redis = redis
    this.process = process
  }

  static async start(folder: string): Promise<Staging> {
    const process = new Process('python', ['gui/tests/browser/staged_run.py', folder])
    return new Staging(await process.line(), process)
  }

  /** Open a run; what it gives back plays it, and waits until it has been played. */
  async open(run: string, rate: number, seconds: number): Promise<() => Promise<void>> {
    this.process.tell(`${run} ${rate} ${seconds}`)
    await this.process.line()
    return async () => {
      this.process.tell('go')
      await this.process.line()
    }
  }

  end(): Promise<void> {
    return this.process.end('SIGTERM')
  }
}

/** A folder for the time of a test. */
export async function folder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'regions-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}
