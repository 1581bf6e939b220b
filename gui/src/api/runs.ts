import type {
  DeadLetter,
  Health,
  RegionState,
  RunAnswer,
  RunPlan,
  RunRow,
  Traced,
  Worker,
} from '@/api/answers'
import { ApiProblem, get, post } from '@/api/http'
import type { Finding } from '@/model/finding'
import type { Resource } from '@/model/health'
import type { Json } from '@/model/json'
import type { OutsideMessage } from '@/model/plan'

const part = encodeURIComponent
const ofRun = (run: string, rest: string) => `api/runs/${part(run)}${rest}`

export const health = () => get<Health>('api/health')
export const workers = () => get<Worker[]>('api/workers')
export const resources = () => get<Resource[]>('api/resources')
export const runs = (limit = 200) => get<RunRow[]>(`api/runs?limit=${limit}`)
export const run = (name: string) => get<RunAnswer>(ofRun(name, ''))
export const runPlan = (name: string) => get<RunPlan>(ofRun(name, '/plan'))
export const recording = (name: string) => get<Json>(ofRun(name, '/recording'))
export const regionState = (name: string, region: string) =>
  get<RegionState>(ofRun(name, `/regions/${part(region)}`))
export const deadLetters = (name: string) => get<DeadLetter[]>(ofRun(name, '/dead-letters'))

/** A message's text in full, which its event may have shortened. */
export async function wholeContent(name: string, trace: number): Promise<string> {
  const [found] = await get<Traced[]>(ofRun(name, `/trace?after=${trace - 1}&limit=1`))
  if (found?.seq === trace) return found.content
  throw new ApiProblem(404, 'not-found', 'The run no longer has this message.')
}

export interface Begun {
  readonly run: string
  readonly findings: readonly Finding[]
}

export interface RunOptions {
  readonly run?: string
  readonly messages?: readonly OutsideMessage[]
  /** Stop before each layer, until it is told to go on. */
  readonly step?: boolean
  /** Seconds for the whole run. */
  readonly timeout?: number
  /** Only the turns of these layers. */
  readonly layers?: readonly number[]
  /** Whose folder the plan's file names start from. */
  readonly template?: string
}

/** Begin a run of `plan`, in any of a plan's forms. */
export const begin = (plan: Json, options: RunOptions = {}) =>
  post<Begun>('api/runs', { plan, ...options })

export type Steering = 'pause' | 'resume' | 'step' | 'cancel'

export const steer = (name: string, what: Steering, body: object = {}) =>
  post<{ run: string; status: string }>(ofRun(name, `/${what}`), body)

export interface Injection {
  readonly to: string
  readonly content: string
  readonly role: 'request' | 'reply'
  readonly source?: string
  readonly key?: string
}

export const inject = (name: string, mail: Injection) =>
  post<{ outcome: 'held' | 'duplicate' | 'run-ended' }>(ofRun(name, '/inject'), mail)

export const redeliver = (name: string, id: string, to?: string) =>
  post<{ destination: string; outcome: string }>(ofRun(name, '/redeliver'), { id, to })

export interface Branch {
  readonly from_place?: number
  readonly edits?: Readonly<Record<string, string>>
}

/** Begin a run with what `name` held; with neither field it hears recorded answers alone. */
export const replayRun = (name: string, branch: Branch) =>
  post<Begun>(ofRun(name, '/replay'), branch)
