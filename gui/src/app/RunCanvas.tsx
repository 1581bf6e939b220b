import { useMemo } from 'react'
import { PlanCanvas } from '@/canvas/PlanCanvas'
import { Traffic } from '@/canvas/Traffic'
import { emptyDocument, regionList, type PlanDocument } from '@/model/document'
import { isOver } from '@/model/run/events'
import { marksOf, type Mark } from '@/model/run/marks'
import { useMachinesAsked } from '@/store/cluster'
import { useHealthMarks } from '@/store/health'
import { goesOn, selectOnCanvas, useRun } from '@/store/run'
import { duration } from '@/ui/times'
import { useCalm } from '@/ui/useCalm'
import { useNow } from '@/ui/useNow'

const nothing = <p>The run's plan is being read…</p>
const overlay = <Traffic />

/** The plan of the run that is looked at, with what its regions do and the messages on their way. */
export function RunCanvas() {
  const document = useRun((state) => state.document)
  const selection = useRun((state) => state.selection)
  const marks = useMarks(document)
  const health = useHealth(document)
  return (
    <PlanCanvas
      document={document ?? emptyDocument}
      selection={selection}
      onSelect={selectOnCanvas}
      marks={marks}
      health={health}
      overlay={overlay}
      empty={nothing}
      fits={document ? 1 : 0}
    />
  )
}

/** How models and stores are now: of a run that can go on, and at no earlier instant of it. */
function useHealth(document: PlanDocument | null) {
  const matters = useRun((state) => goesOn(state) && state.cursor === null)
  useMachinesAsked(matters)
  return useHealthMarks(matters ? document : null)
}

const idle: Mark = { state: 'idle', text: '', figures: '' }
const noWaits = [] as const

/** Milliseconds between two looks of the marks, however fast the run is. */
const calm = 250

/** A mark for each region, by its id. */
function useMarks(document: PlanDocument | null): Readonly<Record<string, Mark>> {
  const view = useCalm(
    useRun((state) => state.view),
    calm,
  )
  const cursor = useRun((state) => state.cursor)
  const waits = useRun((state) => state.answer?.waits) ?? noWaits
  const live = cursor === null && view.started !== null && !isOver(view.status)
  const clock = useNow(250, live)
  const now = live ? Math.max(clock, view.at) : view.at
  return useMemo(() => {
    const marks = marksOf(view, now, live ? waits : noWaits, duration)
    const regions = document ? regionList(document) : []
    return Object.fromEntries(regions.map(({ id, name }) => [id, marks.get(name) ?? idle]))
  }, [document, view, now, live, waits])
}
