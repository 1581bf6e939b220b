import { useState } from 'react'
import { Plus, X } from 'lucide-react'
import { changed, renameResource, setResource, type Changes } from '@/model/edits/settings'
import type { EmbeddingSpec, LlmSpec, RagSpec, ResourceKind, ResourceSpecs } from '@/model/plan'
import { JsonField } from '@/inspector/ParameterField'
import { edit, endGesture, useDocument } from '@/store/document'
import { IconButton } from '@/ui/Button'
import { NumberField, TextField } from '@/ui/Field'
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
      {kind === 'llm' && <LlmFields name={name} />}
      {kind === 'embedding' && <EmbeddingFields name={name} />}
      {kind === 'rag' && <RagFields name={name} />}
    </div>
  )
}

/** A resource's settings, and the way to change some of them. */
function useSpec<Kind extends ResourceKind>(kind: Kind, name: string) {
  const spec = useDocument(
    ({ document }) => (document.resources[kind] as Record<string, ResourceSpecs[Kind]>)[name],
  )
  const change = (changes: Changes<ResourceSpecs[Kind]>) =>
    edit(
      (now) => setResource(now, kind, name, changed(spec ?? {}, changes)),
      `${kind} ${name} ${Object.keys(changes).join()}`,
    )
  return [spec ?? {}, change] as const
}

interface SpecTextProps {
  readonly label: string
  readonly value: string | null | undefined
  readonly placeholder: string
  readonly onChange: (value: string | undefined) => void
}

function SpecText({ value, onChange, ...rest }: SpecTextProps) {
  return (
    <TextField
      {...rest}
      value={value ?? ''}
      onChange={(text) => onChange(text === '' ? undefined : text)}
      onDone={endGesture}
    />
  )
}

const params = {
  name: 'params',
  summary: 'Sent with each call, as JSON.',
  kind: 'json',
  default: { temperature: 0.2 },
} as const

function LlmFields({ name }: { name: string }) {
  const [spec, change] = useSpec('llm', name) as readonly [LlmSpec, (c: Changes<LlmSpec>) => void]
  return (
    <>
      <SpecText
        label="Address"
        value={spec.url}
        placeholder="the embedded model"
        onChange={(url) => change({ url })}
      />
      <SpecText
        label="Model"
        value={spec.model}
        placeholder="what the server offers"
        onChange={(model) => change({ model })}
      />
      <div className={styles.pair}>
        <NumberField
          label="Calls at a time"
          value={spec.slots ?? undefined}
          least={1}
          whole
          onChange={(slots) => change({ slots })}
          onDone={endGesture}
        />
        <NumberField
          label="Timeout, s"
          value={spec.timeout ?? undefined}
          least={0.001}
          onChange={(timeout) => change({ timeout })}
          onDone={endGesture}
        />
      </div>
      <JsonField
        parameter={params}
        value={spec.params}
        onChange={(value) => change({ params: value as LlmSpec['params'] })}
        onDone={endGesture}
      />
    </>
  )
}

function EmbeddingFields({ name }: { name: string }) {
  const [spec, change] = useSpec('embedding', name) as readonly [
    EmbeddingSpec,
    (c: Changes<EmbeddingSpec>) => void,
  ]
  return (
    <>
      <SpecText
        label="Address"
        value={spec.url}
        placeholder="the embedded one"
        onChange={(url) => change({ url })}
      />
      <SpecText
        label="Model"
        value={spec.model}
        placeholder="what the server offers"
        onChange={(model) => change({ model })}
      />
    </>
  )
}

function RagFields({ name }: { name: string }) {
  const [spec, change] = useSpec('rag', name) as readonly [RagSpec, (c: Changes<RagSpec>) => void]
  const number = (key: 'chunk_size' | 'overlap' | 'max_results') => (value: number | undefined) =>
    change({ [key]: value })
  return (
    <>
      <SpecText
        label="File"
        value={spec.path}
        placeholder="lives with the run"
        onChange={(path) => change({ path })}
      />
      <SpecText
        label="Documents, stored before it starts"
        value={spec.documents?.join(', ')}
        placeholder="facts.jsonl, notes.md"
        onChange={(text) => change({ documents: text?.split(',').map((one) => one.trim()) })}
      />
      <SpecText
        label="Embedder"
        value={spec.embedding}
        placeholder="default"
        onChange={(embedding) => change({ embedding })}
      />
      <div className={styles.pair}>
        <NumberField
          label="Characters a chunk"
          value={spec.chunk_size}
          standard={512}
          least={16}
          whole
          onChange={number('chunk_size')}
          onDone={endGesture}
        />
        <NumberField
          label="Overlap"
          value={spec.overlap}
          standard={50}
          least={0}
          whole
          onChange={number('overlap')}
          onDone={endGesture}
        />
        <NumberField
          label="Results at most"
          value={spec.max_results}
          standard={5}
          least={1}
          whole
          onChange={number('max_results')}
          onDone={endGesture}
        />
      </div>
    </>
  )
}
