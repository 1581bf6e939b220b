import type { Finding } from '@/model/finding'
import type { Survey } from '@/model/survey'

/** What keeps a plan from running. */
export const faults: readonly ((view: Survey) => Finding[])[] = [
  emptiness,
  names,
  duplicates,
  types,
  methods,
  chains,
  shared,
  reroute,
  copies,
]

const fault = (code: string, message: string, where: string): Finding => ({
  severity: 'error',
  code,
  message,
  where,
})

function emptiness(view: Survey): Finding[] {
  if (view.plan.regions.length === 0) {
    return [fault('empty-plan', 'The plan has no regions: add one.', 'regions')]
  }
  if (!view.runsNothing) return []
  const message = 'Nothing in the plan runs: give a layer a chain, its regions methods, and a turn.'
  return [fault('empty-plan', message, 'execution_order')]
}

const longestName = 100

/** What is wrong with a region's name; null if nothing is. */
export function nameProblem(name: string): string | null {
  const length = Array.from(name).length
  if (name.trim() === '') return 'is empty'
  if (length > longestName) return `has ${length} characters, more than ${longestName}`
  if (/[{}]/.test(name)) return 'holds a brace, { or }'
  return /[\p{Cc}\p{Cs}]/u.test(name) ? 'holds a control character' : null
}

function names(view: Survey): Finding[] {
  return view.plan.regions.flatMap(({ name }, at) => {
    const problem = nameProblem(name)
    if (!problem) return []
    const code = name.trim() === '' ? 'empty-name' : 'bad-name'
    const message = `The name of region ${at + 1}, “${name}”, ${problem}: rename it.`
    return [fault(code, message, `regions[${at}].name`)]
  })
}

function duplicates(view: Survey): Finding[] {
  const seen = new Set<string>()
  return view.plan.regions.flatMap(({ name }, at) => {
    const twice = seen.has(name)
    seen.add(name)
    const message = `Two regions are called “${name}”: rename one.`
    return twice ? [fault('duplicate-name', message, `regions[${at}].name`)] : []
  })
}

function types(view: Survey): Finding[] {
  const known = Object.keys(view.catalog).sort().join(', ')
  return view.plan.regions.flatMap(({ name, type }, at) => {
    if (type in view.catalog) return []
    const message = `“${name}” has the unknown type ${type}: expected one of ${known}.`
    return [fault('unknown-type', message, `regions[${at}].type`)]
  })
}

function methods(view: Survey): Finding[] {
  return view.plan.execution_config.flatMap((entries, layer) =>
    entries.flatMap(([region, method], at) => {
      const type = view.typeOf(region)
      if (!type || type.methods.some((one) => one.name === method)) return []
      const expected = type.methods.map((one) => one.name).join(', ')
      const message = `“${region}” (${type.name}) has no method ${method}: expected one of ${expected}.`
      return [fault('unknown-method', message, `execution_config[${layer}][${at}]`)]
    }),
  )
}

function chains(view: Survey): Finding[] {
  return view.plan.layer_config.flatMap((table, layer) =>
    [...table].flatMap(([chain, regions]) =>
      regions.flatMap((region, at) => {
        if (view.entries.has(region)) return []
        const message = `Chain “${chain}” of layer ${layer} names “${region}”, which is no region.`
        return [fault('unknown-region', message, `layer_config[${layer}].${chain}[${at}]`)]
      }),
    ),
  )
}

function shared(view: Survey): Finding[] {
  return view.plan.layer_config.flatMap((table, layer) => {
    const counts = new Map<string, number>()
    for (const region of [...table.values()].flatMap((regions) => [...new Set(regions)])) {
      counts.set(region, (counts.get(region) ?? 0) + 1)
    }
    return [...counts].flatMap(([region, count]) => {
      const message =
        `“${region}” stands in ${count} chains of layer ${layer}: chains run at the same time, ` +
        'so keep it in one.'
      return count > 1 ? [fault('region-in-two-chains', message, `layer_config[${layer}]`)] : []
    })
  })
}

function reroute(view: Survey): Finding[] {
  const { undeliverable, reroute_destination: destination } = view.plan.postmaster
  const where = 'postmaster.reroute_destination'
  if (undeliverable !== 'reroute') return []
  if (!destination) {
    const message = 'Undeliverable mail is to be rerouted, but no region is named to get it.'
    return [fault('reroute-missing', message, where)]
  }
  if (view.receives(destination)) return []
  const message = `Undeliverable mail is rerouted to “${destination}”, which is no region.`
  return [fault('reroute-unknown', message, where)]
}

function copies(view: Survey): Finding[] {
  return (view.plan.postmaster.cc ?? []).flatMap((name) => {
    if (view.isListener(name)) return []
    const found = view.entries.has(name) ? 'is no ListenerRegion' : 'is no region'
    const message = `Copies go to “${name}”, which ${found}: name a ListenerRegion of the plan.`
    return [fault('cc-unknown', message, 'postmaster.cc')]
  })
}
