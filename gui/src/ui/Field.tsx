import { useId, useState, type ReactNode } from 'react'
import controls from '@/ui/Control.module.css'
import styles from '@/ui/Field.module.css'

interface Labelled {
  readonly label: string
  /** A sentence below the control. */
  readonly hint?: string | undefined
  /** What is wrong with the value. */
  readonly problem?: string | undefined
}

/** A label over its control, and a line below it. */
function Field({
  label,
  hint,
  problem,
  id,
  children,
}: Labelled & { id: string; children: ReactNode }) {
  const note = problem ?? hint
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children}
      {note && (
        <p id={`${id}-note`} className={problem ? styles.problem : styles.hint}>
          {note}
        </p>
      )}
    </div>
  )
}

const described = (id: string, { hint, problem }: Labelled) => ({
  id,
  'aria-describedby': (problem ?? hint) ? `${id}-note` : undefined,
  'aria-invalid': problem ? true : undefined,
})

interface TextProps extends Labelled {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onDone?: (() => void) | undefined
  readonly placeholder?: string | undefined
  readonly name?: string | undefined
  readonly list?: readonly string[] | undefined
}

export function TextField({
  value,
  onChange,
  onDone,
  placeholder,
  name,
  list,
  ...rest
}: TextProps) {
  const id = useId()
  return (
    <Field id={id} {...rest}>
      <input
        {...described(id, rest)}
        className={controls.wide}
        name={name}
        value={value}
        placeholder={placeholder}
        list={list && `${id}-list`}
        onChange={(event) => onChange(event.target.value)}
        onBlur={onDone}
        autoComplete="off"
        spellCheck={false}
      />
      {list && (
        <datalist id={`${id}-list`}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </Field>
  )
}

export function TextArea({ value, onChange, onDone, placeholder, name, ...rest }: TextProps) {
  const id = useId()
  return (
    <Field id={id} {...rest}>
      <textarea
        {...described(id, rest)}
        className={controls.area}
        name={name}
        rows={3}
        value={value}
        placeholder={placeholder}
        onChange={(event) => onChange(event.target.value)}
        onBlur={onDone}
      />
    </Field>
  )
}

interface NumberProps extends Labelled {
  /** `undefined` stands for the default. */
  readonly value: number | undefined
  readonly standard?: number | undefined
  readonly least?: number | undefined
  readonly most?: number | undefined
  readonly whole?: boolean
  readonly onChange: (value: number | undefined) => void
  readonly onDone?: (() => void) | undefined
}

/** A number; empty stands for the default. What is no number of the range is kept out of the plan. */
export function NumberField({
  value,
  standard,
  whole = false,
  onChange,
  onDone,
  ...rest
}: NumberProps) {
  const id = useId()
  const { least, most } = rest
  const [draft, setDraft] = useState<string | null>(null)
  const problem = draft === null ? undefined : numberProblem(draft, whole, least, most)
  const take = (text: string) => {
    setDraft(text)
    if (text.trim() === '') onChange(undefined)
    else if (!numberProblem(text, whole, least, most)) onChange(Number(text))
  }
  return (
    <Field id={id} {...rest} problem={problem ?? rest.problem}>
      <input
        {...described(id, { ...rest, problem: problem ?? rest.problem })}
        className={controls.wide}
        inputMode="decimal"
        value={draft ?? value ?? ''}
        placeholder={standard === undefined ? '' : String(standard)}
        onChange={(event) => take(event.target.value)}
        onBlur={() => {
          setDraft(null)
          onDone?.()
        }}
        autoComplete="off"
      />
    </Field>
  )
}

function numberProblem(
  text: string,
  whole: boolean,
  least = -Infinity,
  most = Infinity,
): string | undefined {
  if (text.trim() === '') return undefined
  const number = Number(text)
  if (!Number.isFinite(number)) return 'Not a number.'
  if (whole && !Number.isInteger(number)) return 'A whole number is needed.'
  if (number >= least && number <= most) return undefined
  return most === Infinity ? `${least} or more is needed.` : `From ${least} to ${most}.`
}

interface SelectProps<Value extends string> extends Labelled {
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly text: string }[]
  readonly onChange: (value: Value) => void
}

export function SelectField<Value extends string>({
  value,
  options,
  onChange,
  ...rest
}: SelectProps<Value>) {
  const id = useId()
  return (
    <Field id={id} {...rest}>
      <select
        {...described(id, rest)}
        className={controls.wide}
        value={value}
        onChange={(event) => onChange(event.target.value as Value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </Field>
  )
}

interface CheckProps extends Labelled {
  readonly value: boolean
  readonly onChange: (value: boolean) => void
}

export function CheckField({ value, onChange, label, hint }: CheckProps) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={value}
          aria-describedby={hint && `${id}-note`}
          onChange={(event) => onChange(event.target.checked)}
        />
        {label}
      </label>
      {hint && (
        <p id={`${id}-note`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  )
}
