import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('../../../', import.meta.url))

/** A process of the project, whose lines are awaited. */
export class Process {
  private readonly child: ChildProcessWithoutNullStreams
  private readonly lines: AsyncIterator<string>
  private readonly ended: Promise<void>

  /** `command` is one of the project's environment, such as `regions-coordinator`. */
  constructor(command: string, words: readonly string[], environment: Record<string, string> = {}) {
    const env = { ...process.env, ...environment }
    this.child = spawn(`${project}.venv/bin/${command}`, words, { cwd: project, env })
    this.child.stderr.resume()
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]()
    this.ended = new Promise((resolve) => this.child.once('exit', () => resolve()))
  }

  /** Its next line on stdout. */
  async line(): Promise<string> {
    const next = await this.lines.next()
    if (next.done) throw new Error(`${this.child.spawnargs.join(' ')} has ended`)
    return next.value
  }

  tell(line: string): void {
    this.child.stdin.write(`${line}\n`)
  }

  /** Have it end, and wait until it has. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    this.child.stdin.end()
    this.child.kill(signal)
    await this.ended
  }
}
