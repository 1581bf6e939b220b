import styles from '@/ui/Control.module.css'

interface ChoiceProps<Value extends string> {
  readonly label: string
  /** `null` where nothing is chosen. */
  readonly value: Value | null
  readonly options: readonly { readonly value: Value; readonly text: string }[]
  /** What stands for no choice; without it there has to be one. */
  readonly none?: string | undefined
  readonly onChange: (value: Value | null) => void
}

/** One of a few, in a toolbar or a row: its label is only said. */
export function Choice<Value extends string>({
  label,
  value,
  options,
  none,
  onChange,
}: ChoiceProps<Value>) {
  const take = (text: string) =>
    onChange(options.find((option) => option.value === text)?.value ?? null)
  return (
    <select
      className={styles.choice}
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => take(event.target.value)}
    >
      {none !== undefined && <option value="">{none}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.text}
        </option>
      ))}
    </select>
  )
}
