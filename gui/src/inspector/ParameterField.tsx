import { useState } from 'react'
import type { RegionParameter } from '@/model/catalog'
import type { Json } from '@/model/json'
import { CheckField, NumberField, TextArea, TextField } from '@/ui/Field'

interface ParameterProps {
  readonly parameter: RegionParameter
  readonly value: Json | undefined
  /** `undefined` leaves it at its default. */
  readonly onChange: (value: Json | undefined) => void
  readonly onDone: () => void
}

/** A control for a parameter of a region's type, by its kind. */
export function ParameterField({ parameter, value, onChange, onDone }: ParameterProps) {
  const { name, summary, kind, default: standard, least, most } = parameter
  const label = name.replaceAll('_', ' ')
  if (kind === 'flag') {
    const checked = (value ?? standard) === true
    return <CheckField label={label} hint={summary} value={checked} onChange={onChange} />
  }
  if (kind === 'number') {
    return (
      <NumberField
        label={label}
        hint={summary}
        value={typeof value === 'number' ? value : undefined}
        standard={typeof standard === 'number' ? standard : undefined}
        least={least}
        most={most}
        onChange={onChange}
        onDone={onDone}
      />
    )
  }
  if (kind === 'text') {
    return (
      <TextField
        label={label}
        hint={summary}
        value={typeof value === 'string' ? value : ''}
        placeholder={typeof standard === 'string' ? standard : ''}
        onChange={(text) => onChange(text === '' ? undefined : text)}
        onDone={onDone}
      />
    )
  }
  return <JsonField {...{ parameter, value, onChange, onDone }} />
}

/** A value in JSON; what is no JSON yet stays in the field and out of the plan. */
export function JsonField({ parameter, value, onChange, onDone }: ParameterProps) {
  const [draft, setDraft] = useState<string | null>(null)
  const written = value === undefined ? '' : JSON.stringify(value)
  const take = (text: string) => {
    setDraft(text)
    const read = readJson(text)
    if (read !== null) onChange(read.value)
  }
  return (
    <TextArea
      label={parameter.name.replaceAll('_', ' ')}
      hint={parameter.summary}
      problem={draft !== null && readJson(draft) === null ? 'Not JSON yet.' : undefined}
      value={draft ?? written}
      placeholder={JSON.stringify(parameter.default)}
      onChange={take}
      onDone={() => {
        if (draft === null || readJson(draft) !== null) setDraft(null)
        onDone()
      }}
    />
  )
}

function readJson(text: string): { value: Json | undefined } | null {
  if (text.trim() === '') return { value: undefined }
  try {
    return { value: JSON.parse(text) as Json }
  } catch {
    return null
  }
}
