import { useState } from 'react'
import { Plus, X } from 'lucide-react'
import { changed, renameResource, setResource } from '@/model/edits/settings'
import type { Json, JsonObject } from '@/model/json'
import type { ResourceKind } from '@/model/plan'
import { resourceFields, type ResourceField } from '@/inspector/resourceFields'
import { SettingField } from '@/inspector/SettingField'
import { edit, useDocument } from '@/store/document'
import { IconButton } from '@/ui/Button'
import { TextField } from '@/ui/Field'
import { Menu } from '@/ui/Menu'
import styles from '@/inspector/Form.module.css'

const titles: Record<ResourceKind, string> = {
  llm: 'Model',
  embedding: 'Embedder',
  rag: 'Store',
}
const kinds = Object.keys(titles) as ResourceKind[]

/** Models, embedders and stores that the plan brings along, for workers that it starts itself. */
export function ResourcesForm() {
  const resources = useDocument((state) => state.document.resources)
  const add = (kind: ResourceKind) =>
    edit((now) => setResource(now, kind, freeName(Object.keys(now.resources[kind] ?? {})), {}))
  return (
    <>
      <p className={styles.summary}>
        They serve workers that are started for this plan. A worker on another machine uses its own
        config.
      </p>
      {kinds.flatMap((kind) =>
        Object.keys(resources[kind] ?? {}).map((name) => (
          <ResourceCard key={`${kind} ${name}`} kind={kind} name={name} />
        )),
      )}
      <Menu
        label="Add a resource"
        look="plain"
        items={kinds.map((kind) => ({ label: titles[kind], run: () => add(kind) }))}
      >
        <Plus size={14} aria-hidden /> Add a resource…
      </Menu>
    </>
  )
}

function freeName(taken: readonly string[]): string {
  let name = 'default'
  for (let number = 2; taken.includes(name); number += 1) name = `resource ${number}`
  return name
}

interface ResourceProps {
  readonly kind: ResourceKind
  readonly name: string
}

function ResourceCard({ kind, name }: ResourceProps) {
  const [draft, setDraft] = useState(name)
  const rename = () => {
    edit((now) => renameResource(now, kind, name, draft))
    setDraft(name)
  }
  const own = useDocument(({ document }) => document.resources[kind]?.[name])
  const spec = { ...own } as JsonObject
  const set = (key: string, value: Json | undefined) =>
    edit(
      (now) => setResource(now, kind, name, changed(spec, { [key]: value })),
      `${kind} ${name} ${key}`,
    )
  const field = (one: ResourceField) => (
    <SettingField
      key={one.key}
      field={one}
      value={spec[one.key]}
      onChange={(value) => set(one.key, value)}
    />
  )
  return (
    <div className={styles.card}>
      <div className={styles.row}>
        <TextField
          label={`${titles[kind]} called`}
          value={draft}
          onChange={setDraft}
          onDone={rename}
        />
        <IconButton
          icon={X}
          label={`Remove ${name}`}
          onClick={() => edit((now) => setResource(now, kind, name, null))}
        />
      </div>
      {resourceFields[kind].map((row) =>
        row.length === 1 ? (
          row.map(field)
        ) : (
          <div key={row[0]?.key} className={styles.pair}>
            {row.map(field)}
          </div>
        ),
      )}
    </div>
  )
}
