import type { Json } from '@/model/json'
import type { ResourceKind, ResourceSpecs } from '@/model/plan'

interface Head<Key> {
  /** The setting that it changes. */
  readonly key: Key
  readonly label: string
}

/** How one setting of a resource is asked for. */
export type ResourceField<Key = string> = Head<Key> &
  (
    | { readonly kind: 'text' | 'texts'; readonly placeholder: string }
    | {
        readonly kind: 'number'
        readonly least: number
        readonly whole: boolean
        readonly standard?: number
      }
    | { readonly kind: 'json'; readonly hint: string; readonly example: Json }
  )

/** The fields of each kind of resource, row by row. */
export const resourceFields: {
  readonly [Kind in ResourceKind]: readonly (readonly ResourceField<keyof ResourceSpecs[Kind]>[])[]
} = {
  llm: [
    [text('url', 'Address', 'the embedded model')],
    [text('model', 'Model', 'what the server offers')],
    [
      { key: 'slots', label: 'Calls at a time', kind: 'number', least: 1, whole: true },
      { key: 'timeout', label: 'Timeout, s', kind: 'number', least: 0.001, whole: false },
    ],
    [
      {
        key: 'params',
        label: 'params',
        kind: 'json',
        hint: 'Sent with each call, as JSON.',
        example: { temperature: 0.2 },
      },
    ],
  ],
  embedding: [
    [text('url', 'Address', 'the embedded one')],
    [text('model', 'Model', 'what the server offers')],
  ],
  rag: [
    [text('path', 'File', 'lives with the run')],
    [
      {
        key: 'documents',
        label: 'Documents, stored before it starts',
        kind: 'texts',
        placeholder: 'facts.jsonl, notes.md',
      },
    ],
    [text('embedding', 'Embedder', 'default')],
    [
      count('chunk_size', 'Characters a chunk', 16, 512),
      count('overlap', 'Overlap', 0, 50),
      count('max_results', 'Results at most', 1, 5),
    ],
  ],
}

function text<Key>(key: Key, label: string, placeholder: string): ResourceField<Key> {
  return { key, label, kind: 'text', placeholder }
}

function count<Key>(key: Key, label: string, least: number, standard: number): ResourceField<Key> {
  return { key, label, kind: 'number', least, standard, whole: true }
}
