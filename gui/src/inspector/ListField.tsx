import { useState } from 'react'
import { endGesture } from '@/store/document'
import { TextField } from '@/ui/Field'

interface ListProps {
  readonly label: string
  readonly placeholder?: string
  readonly hint?: string
  readonly value: readonly string[]
  readonly onChange: (value: string[]) => void
}

/** Several texts in one field, with commas between them; while it is written in, it stays as typed. */
export function ListField({ value, onChange, ...rest }: ListProps) {
  const [draft, setDraft] = useState<string | null>(null)
  return (
    <TextField
      {...rest}
      value={draft ?? value.join(', ')}
      onChange={(text) => {
        setDraft(text)
        onChange(textsIn(text))
      }}
      onDone={() => {
        setDraft(null)
        endGesture()
      }}
    />
  )
}

const textsIn = (text: string) =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
