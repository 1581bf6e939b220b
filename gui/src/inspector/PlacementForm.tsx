import type { Id } from '@/model/document'
import { placeRegion } from '@/model/edits/settings'
import { ListField } from '@/inspector/ListField'
import type { Placement } from '@/model/plan'
import { edit, endGesture, useDocument } from '@/store/document'
import { useCluster } from '@/store/cluster'
import { SelectField, TextField } from '@/ui/Field'

type Kind = 'anywhere' | 'worker' | 'pool' | 'labels'

const kinds: readonly { value: Kind; text: string }[] = [
  { value: 'anywhere', text: 'Anywhere' },
  { value: 'worker', text: 'On one worker' },
  { value: 'pool', text: 'On a pool' },
  { value: 'labels', text: 'Where labels fit' },
]

const starts: Record<Kind, Placement | null> = {
  anywhere: null,
  worker: { worker: '' },
  pool: { pool: '' },
  labels: { labels: {} },
}

/** Where a region may run. It can be dragged onto a machine's card as well. */
export function PlacementForm({ region }: { region: Id }) {
  const placement = useDocument((state) => state.document.placement[region])
  const workers = useCluster((state) => state.workers) ?? []
  const place = (next: Placement | null) =>
    edit((now) => placeRegion(now, region, next), `${region} place`)
  return (
    <>
      <SelectField
        label="Where it runs"
        value={kindOf(placement)}
        options={kinds}
        onChange={(kind) => place(starts[kind])}
      />
      {placement?.worker != null && (
        <TextField
          label="Worker"
          value={placement.worker}
          list={workers.map((worker) => worker.name)}
          hint="The name that the worker was started with: --name."
          onChange={(worker) => place({ worker })}
          onDone={endGesture}
        />
      )}
      {placement?.pool != null && (
        <TextField
          label="Pool"
          value={placement.pool}
          list={workers.flatMap((worker) => worker.pools ?? [])}
          hint="Any worker that serves this pool: --pool."
          onChange={(pool) => place({ pool })}
          onDone={endGesture}
        />
      )}
      {placement?.labels && kindOf(placement) === 'labels' && (
        <ListField
          label="Labels"
          value={written(placement.labels)}
          placeholder="disk=ssd, gpu=yes"
          hint="Every worker that has all of these: --label key=value."
          onChange={(texts) => place({ labels: labelsIn(texts) })}
        />
      )}
    </>
  )
}

function kindOf(placement: Placement | undefined): Kind {
  if (!placement) return 'anywhere'
  if (placement.worker != null) return 'worker'
  return placement.pool != null ? 'pool' : 'labels'
}

const written = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([label, value]) => (value === '' ? label : `${label}=${value}`))

const labelsIn = (texts: readonly string[]) =>
  Object.fromEntries(
    texts.map((one) => {
      const [label = '', ...value] = one.split('=')
      return [label.trim(), value.join('=').trim()]
    }),
  )
