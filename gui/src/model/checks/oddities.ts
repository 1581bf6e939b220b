import type { Finding } from '@/model/finding'
import { printAddress } from '@/model/plan'
import type { Step, Survey } from '@/model/survey'

/** What is odd in a plan that can run: left to its author. */
export const oddities: readonly ((view: Survey) => Finding[])[] = [
  lostEntries,
  unusedLayers,
  idleRegions,
  connections,
  listeners,
  stepRules,
  placements,
  printedNames,
  earlyReplies,
]

const oddity = (code: string, message: string, where: string): Finding => ({
  severity: 'warning',
  code,
  message,
  where,
})

function lostEntries(view: Survey): Finding[] {
  return view.plan.execution_config.flatMap((entries, layer) => {
    const present = new Set([...(view.plan.layer_config[layer]?.values() ?? [])].flat())
    return entries.flatMap(([region, method], at) => {
      if (present.has(region)) return []
      const known = view.entries.has(region)
      const why = known
        ? `no chain of layer ${layer} holds “${region}”`
        : `“${region}” is no region`
      const code = known ? 'entry-outside-chains' : 'entry-unknown-region'
      const where = `execution_config[${layer}][${at}]`
      return [oddity(code, `${region}.${method} never runs: ${why}.`, where)]
    })
  })
}

function unusedLayers(view: Survey): Finding[] {
  return view.plan.layer_config.flatMap((_, layer) => {
    if (view.plan.execution_order.includes(layer)) return []
    const message = `Layer ${layer} never runs: it has no turn in the order.`
    return [oddity('layer-never-runs', message, `layer_config[${layer}]`)]
  })
}

function idleRegions(view: Survey): Finding[] {
  return view.plan.regions.flatMap(({ name }, at) => {
    if (view.steps(name).length > 0 || view.isListener(name)) return []
    const message = `“${name}” never runs: no layer calls a method of it.`
    return [oddity('region-never-runs', message, `regions[${at}]`)]
  })
}

function connections(view: Survey): Finding[] {
  return view.plan.regions.flatMap((entry, at) =>
    [...entry.connections.keys()].flatMap((target) => {
      if (view.receives(target)) return []
      const message = `“${entry.name}” is connected to “${target}”, which is no region.`
      return [oddity('connection-unknown', message, `regions[${at}].connections`)]
    }),
  )
}

function listeners(view: Survey): Finding[] {
  const { cc } = view.plan.postmaster
  return view.plan.regions.flatMap(({ name }, at) => {
    if (!view.isListener(name)) return []
    const where = `regions[${at}]`
    const untold = ['start', 'stop']
      .filter((method) => !view.runs(name, method))
      .map((method) => {
        const message = `Listener “${name}” is never told to ${method}.`
        return oddity(`listener-without-${method}`, message, where)
      })
    if (cc == null || cc.includes(name)) return untold
    const message = `Listener “${name}” hears nothing: the plan names who gets copies, and not it.`
    return [...untold, oddity('listener-hears-nothing', message, where)]
  })
}

function stepRules(view: Survey): Finding[] {
  const keys = [...view.plan.steps.keys()]
  if (keys.length === 0) return []
  const known = new Set(['*', ...view.entries.keys()])
  for (const name of view.entries.keys()) {
    for (const method of view.typeOf(name)?.methods ?? []) known.add(`${name}.${method.name}`)
  }
  return keys
    .filter((key) => !known.has(key))
    .map((key) => {
      const message = `A step policy names “${key}”, which is neither a region nor a method of one.`
      return oddity('steps-unknown', message, `steps.${key}`)
    })
}

function placements(view: Survey): Finding[] {
  return [...strangersPlaced(view), ...placedOnNobody(view)]
}

function placedOnNobody({ plan }: Survey): Finding[] {
  return plan.regions.flatMap(({ name }, at) => {
    const place = plan.placement.get(name)
    if (place?.worker !== '' && place?.pool !== '') return []
    const message = `“${name}” waits for ever: its placement does not say on which worker.`
    return [oddity('placement-nameless', message, `regions[${at}]`)]
  })
}

function strangersPlaced(view: Survey): Finding[] {
  return [...view.plan.placement.keys()]
    .filter((name) => !view.entries.has(name))
    .map((name) => {
      const message = `“${name}” is placed on a machine, and is no region.`
      return oddity('placement-unknown', message, `placement.${name}`)
    })
}

function printedNames(view: Survey): Finding[] {
  const address = printAddress(view.plan.postmaster)
  return view.plan.regions.flatMap(({ name }, at) => {
    if (name !== address) return []
    const message = `“${name}” gets no mail: mail to that name is printed.`
    return [oddity('name-is-print-address', message, `regions[${at}].name`)]
  })
}

/**
 * Regions that others may ask, but that answer before any of them has written. A region that
 * nobody is connected to is asked from outside, so nothing is said about it.
 */
function earlyReplies(view: Survey): Finding[] {
  const askersOf = askers(view)
  return view.plan.regions.flatMap(({ name }, at) => {
    const answer = view.steps(name).find((step) => step.method === 'make_replies')
    const asking = askersOf.get(name)
    if (!answer || !asking || getsMailOtherwise(view, name)) return []
    if (asking.some((asker) => writesBefore(view.steps(asker), answer))) return []
    const names = [...asking].sort().join(', ')
    const message =
      `“${name}” makes replies before ${names} could have asked it: there is something to answer ` +
      'only if a message comes from outside.'
    return [oddity('replies-before-questions', message, `regions[${at}]`)]
  })
}

function askers(view: Survey): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const entry of view.plan.regions) {
    for (const target of entry.connections.keys()) {
      found.set(target, [...(found.get(target) ?? []), entry.name])
    }
  }
  return found
}

/** Methods that write to nobody. */
const silent = new Set([
  'clear_replies',
  'keep_last_reply_per_source',
  'make_updates',
  'summarize_replies',
  'start',
  'stop',
])

const writesBefore = (steps: readonly Step[], answer: Step) =>
  steps.some((step) => !silent.has(step.method) && isBefore(step, answer))

/** Whether `later` sees the mail of `step`: earlier in the order, or in its own chain. */
function isBefore(step: Step, later: Step): boolean {
  const sameChain = step.turn === later.turn && step.chain === later.chain
  return step.turn < later.turn || (sameChain && step.step < later.step)
}

function getsMailOtherwise(view: Survey, region: string): boolean {
  const { messages, postmaster } = view.plan
  const addressed = messages.some((message) => message.destination === region)
  return addressed || postmaster.reroute_destination === region
}
