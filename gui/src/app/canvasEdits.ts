import type { CanvasEdits } from '@/canvas/props'
import { canConnect, connect, moveRegions } from '@/model/edits/regions'
import { placeRegion } from '@/model/edits/settings'
import { addRegionOfType, nudge } from '@/store/actions'
import { currentCatalog } from '@/store/catalog'
import { currentDocument, edit } from '@/store/document'
import { hoverMachine, select } from '@/store/view'

/** What the canvas does to the plan. */
export const canvasEdits: CanvasEdits = {
  move: (places) => edit((document) => moveRegions(document, places)),
  nudge,
  canConnect: (from, to) => canConnect(currentDocument(), from, to, currentCatalog()),
  connect: (from, to) => edit((document) => connect(document, from, to)),
  drop: addRegionOfType,
  hover: hoverMachine,
  place: (regions, worker) =>
    edit((document) =>
      regions.reduce((now, region) => placeRegion(now, region, { worker }), document),
    ),
  open: (region) => {
    select({ regions: [region] })
    setTimeout(() => {
      document.querySelector<HTMLInputElement>('input[name=region-name]')?.select()
    })
  },
}
