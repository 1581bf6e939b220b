import { temporal } from 'zundo'
import { useStore } from 'zustand'
import { create } from 'zustand'
import { emptyDocument, type PlanDocument } from '@/model/document'

interface DocumentState {
  readonly document: PlanDocument
}

const deepest = 200

/** The plan that is edited. Its history holds the document alone: no selection, no sizes. */
export const useDocument = create<DocumentState>()(
  temporal((): DocumentState => ({ document: emptyDocument }), {
    limit: deepest,
    equality: (past, present) => past.document === present.document,
  }),
)

const history = () => useDocument.temporal.getState()

let gesture: string | null = null

export const currentDocument = (): PlanDocument => useDocument.getState().document

/**
 * Change the document: one step of the history. Edits in a row with the same `during`, such as the
 * keys typed into one field, are one step together.
 */
export function edit(
  change: (document: PlanDocument) => PlanDocument,
  during: string | null = null,
): void {
  const next = change(currentDocument())
  if (next === currentDocument()) return
  const goesOn = during !== null && during === gesture
  if (goesOn) history().pause()
  useDocument.setState({ document: next })
  history().resume()
  gesture = during
}

/** What is edited next is a step of its own. */
export function endGesture(): void {
  gesture = null
}

export function undo(): void {
  endGesture()
  history().undo()
}

export function redo(): void {
  endGesture()
  history().redo()
}

/** Another plan. To go back to the one before it is a step of the history, if it held anything. */
export function openDocument(document: PlanDocument): void {
  endGesture()
  const { regionOrder, layerOrder } = currentDocument()
  useDocument.setState({ document })
  if (regionOrder.length + layerOrder.length === 0) history().clear()
}

/** How far one can go back and forth. */
export function useHistory(): { past: number; future: number } {
  const past = useStore(useDocument.temporal, (state) => state.pastStates.length)
  const future = useStore(useDocument.temporal, (state) => state.futureStates.length)
  return { past, future }
}
