import { ListField } from '@/inspector/ListField'
import { JsonField } from '@/inspector/ParameterField'
import type { ResourceField } from '@/inspector/resourceFields'
import type { Json } from '@/model/json'
import { endGesture } from '@/store/document'
import { NumberField, TextField } from '@/ui/Field'

interface SettingProps {
  readonly field: ResourceField
  readonly value: Json | undefined
  /** `undefined` leaves it at its default. */
  readonly onChange: (value: Json | undefined) => void
}

/** A control for one setting of a resource, by its kind. */
export function SettingField({ field, value, onChange }: SettingProps) {
  const shared = { label: field.label, onDone: endGesture }
  if (field.kind === 'number') {
    const { least, whole, standard } = field
    const number = typeof value === 'number' ? value : undefined
    return <NumberField {...shared} {...{ least, whole, standard, onChange }} value={number} />
  }
  if (field.kind === 'json') {
    const { label: name, hint: summary, example } = field
    const parameter = { name, summary, kind: 'json', default: example } as const
    return <JsonField {...{ parameter, value, onChange }} onDone={endGesture} />
  }
  if (field.kind === 'texts') {
    return (
      <ListField
        label={field.label}
        placeholder={field.placeholder}
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={(texts) => onChange(texts.length === 0 ? undefined : texts)}
      />
    )
  }
  return (
    <TextField
      {...shared}
      value={typeof value === 'string' ? value : ''}
      placeholder={field.placeholder}
      onChange={(text) => onChange(text === '' ? undefined : text)}
    />
  )
}
