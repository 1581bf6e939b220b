import { useEffect, useState } from 'react'
import { template, templates, type TemplateEntry } from '@/api/plans'
import lookup from '@examples/lookup/plan.json'
import { load } from '@/model/codec/read'
import type { Json } from '@/model/json'
import { currentCatalog } from '@/store/catalog'
import { openPlan } from '@/store/files'
import { fit, openWindow } from '@/store/view'
import { counted } from '@/ui/counted'
import { Dialog } from '@/ui/Dialog'
import styles from '@/app/Templates.module.css'

const close = () => openWindow(null)

/** The one that is there without a coordinator. */
const bundled: TemplateEntry = {
  name: 'lookup',
  title: 'Lookup',
  summary: 'A historian asks two stores of facts, and answers from what they tell.',
  regions: 3,
  layers: 3,
}

/** Plans to begin with: the coordinator's examples. */
export default function Templates() {
  const [offered, setOffered] = useState<readonly TemplateEntry[] | null>(null)
  useEffect(() => {
    templates().then(setOffered, () => setOffered([bundled]))
  }, [])
  return (
    <Dialog title="Templates" onClose={close}>
      <div className={styles.templates}>
        {(offered ?? []).map((entry) => (
          <button
            key={entry.name}
            type="button"
            className={styles.template}
            onClick={() => void openTemplate(entry)}
          >
            <strong>{entry.title}</strong>
            <span className={styles.summary}>{entry.summary}</span>
            <span className={styles.figures}>
              {counted(entry.regions, 'region')}, {counted(entry.layers, 'layer')}
            </span>
          </button>
        ))}
      </div>
    </Dialog>
  )
}

async function openTemplate(entry: TemplateEntry): Promise<void> {
  const found = await template(entry.name).catch(() => null)
  const plan: Json = found?.plan ?? lookup
  const { document } = load([{ name: entry.name, content: plan }], currentCatalog())
  openPlan({ ...document, title: entry.title, template: entry.name })
  close()
  fit()
}
