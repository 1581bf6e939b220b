import { FileProblem } from '@/model/codec/reading'
import { parseJson } from '@/model/codec/parse'
import { load } from '@/model/codec/read'
import { writeExecutions, writeFullState, writePlan, writeRegions } from '@/model/codec/write'
import { emptyDocument, type PlanDocument } from '@/model/document'
import { stringify, type Json } from '@/model/json'
import { currentCatalog } from '@/store/catalog'
import { currentDocument, openDocument } from '@/store/document'
import { select, tell } from '@/store/view'
import { counted } from '@/ui/counted'

export type FileForm = 'plan' | 'regions' | 'executions' | 'full-state'

/** Open a plan from files' texts. What was repaired, or why nothing was opened, is told. */
export function openTexts(files: readonly { name: string; text: string }[]): boolean {
  try {
    const parsed = files.map(({ name, text }) => ({ name, content: parseJson(text, name) }))
    const { document, repairs } = load(parsed, currentCatalog())
    openPlan(document)
    const told = repairs.map((repair) => repair.message)
    if (told.length > 0)
      tell('done', `Opened “${document.title}” with ${counted(told.length, 'repair')}.`, told)
    else tell('done', `Opened “${document.title}”.`)
    return true
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error
    tell('problem', 'The file could not be opened. Your plan is as it was.', [error.message])
    return false
  }
}

/** Open the files that a person chose or dropped. */
export async function openFiles(files: Iterable<File>): Promise<boolean> {
  const texts = await Promise.all(
    [...files].map(async (file) => ({ name: file.name, text: await file.text() })),
  )
  return openTexts(texts)
}

/** Show another plan. */
export function openPlan(document: PlanDocument): void {
  openDocument(document)
  select({})
}

export function newPlan(): void {
  openPlan(emptyDocument)
}

/** The text and the name of a file of that form. */
export function fileOf(document: PlanDocument, form: FileForm): { name: string; text: string } {
  const write: (document: PlanDocument) => Json = {
    plan: writePlan,
    regions: writeRegions,
    executions: writeExecutions,
    'full-state': writeFullState,
  }[form]
  const suffix = form === 'plan' ? '' : `_${form.replace('-', '_')}`
  const base = document.title.trim().replaceAll(/[^\p{L}\p{N} _-]/gu, '_') || 'plan'
  return { name: `${base}${suffix}.json`, text: `${stringify(write(document), 2)}\n` }
}

/** Hand the plan to the browser as a download. */
export function saveFile(form: FileForm): void {
  const { name, text } = fileOf(currentDocument(), form)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
