import { create } from 'zustand'
import type { Id } from '@/model/document'
import { validate, type Problem } from '@/model/validate'
import { useCatalog } from '@/store/catalog'
import { useDocument } from '@/store/document'

interface Problems {
  readonly problems: readonly Problem[]
  /** The gravest problem of each region that has one. */
  readonly marks: Readonly<Record<Id, Problem['severity']>>
}

/** What is wrong with the plan as it stands: checked again with each edit. */
export const useProblems = create<Problems>(() => checked())

useDocument.subscribe(() => useProblems.setState(checked()))
useCatalog.subscribe(() => useProblems.setState(checked()))

function checked(): Problems {
  const problems = validate(useDocument.getState().document, useCatalog.getState().catalog)
  return { problems, marks: marksOf(problems) }
}

function marksOf(problems: readonly Problem[]): Problems['marks'] {
  const marks: Record<Id, Problem['severity']> = {}
  for (const { place, severity } of problems) {
    if (place.kind !== 'region' && place.kind !== 'call') continue
    if (marks[place.region] !== 'error') marks[place.region] = severity
  }
  return marks
}
