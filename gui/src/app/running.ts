import { ApiProblem } from '@/api/http'
import { begin, type RunOptions } from '@/api/runs'
import { goToRun } from '@/app/routes'
import { writePlan } from '@/model/codec/write'
import { currentDocument } from '@/store/document'
import { useProblems } from '@/store/problems'
import { showSide, tell } from '@/store/view'

/** Run the plan as it stands on the cluster, and go to the run. A plan with errors is not sent. */
export async function run(options: RunOptions = {}): Promise<void> {
  const faults = useProblems.getState().problems.filter((one) => one.severity === 'error')
  if (faults.length > 0) {
    showSide('problems')
    const count = faults.length === 1 ? 'an error' : `${faults.length} errors`
    tell('problem', `The plan has ${count} and cannot run.`, [faults[0]?.message ?? ''])
    return
  }
  const document = currentDocument()
  try {
    const { template } = document
    const from = template === null ? {} : { template }
    const { run } = await begin(writePlan(document), { ...options, ...from })
    goToRun(run)
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem
    const where = problem.where ? [`in ${problem.where}`] : []
    tell('problem', 'The run was not started.', [problem.message, ...where])
  }
}
