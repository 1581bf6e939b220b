import { nameOf, regionList, type DocumentPostmaster } from '@/model/document'
import { changePostmaster, type Changes } from '@/model/edits/settings'
import { defaultPostmaster, type Undeliverable } from '@/model/plan'
import { useCatalog } from '@/store/catalog'
import { edit, endGesture, useDocument } from '@/store/document'
import { CheckField, NumberField, SelectField, TextField } from '@/ui/Field'
import styles from '@/inspector/Form.module.css'

const fates: readonly { value: Undeliverable; text: string }[] = [
  { value: 'drop', text: 'Drop it' },
  { value: 'retry', text: 'Try again for a while' },
  { value: 'reroute', text: 'Send it to another region' },
  { value: 'return', text: 'Return it to its sender' },
  { value: 'error', text: 'Let the run fail' },
]

const change = (changes: Changes<DocumentPostmaster>) =>
  edit((now) => changePostmaster(now, changes), `mail ${Object.keys(changes).join()}`)

/** The rules for mail: what becomes of that which cannot be delivered, copies, and limits. */
export function MailRules() {
  const rules = useDocument((state) => state.document.postmaster)
  const fate = rules.undeliverable ?? defaultPostmaster.undeliverable
  return (
    <>
      <SelectField
        label="Mail to somebody the plan does not hold"
        value={fate}
        options={fates}
        onChange={(value) => change({ undeliverable: value })}
      />
      {fate === 'retry' && <Limit name="retries" label="Tries" least={0} most={20} />}
      {fate === 'reroute' && <Reroute />}
      {fate === 'return' && (
        <div className={styles.pair}>
          <TextField
            label="In the name of"
            value={rules.rts_source ?? ''}
            onChange={(text) => change({ rts_source: text === '' ? undefined : text })}
            onDone={endGesture}
          />
          <TextField
            label="Behind the notice"
            value={rules.rts_prepend ?? ''}
            onChange={(text) => change({ rts_prepend: text === '' ? undefined : text })}
            onDone={endGesture}
          />
        </div>
      )}
      <Copies />
      <TextField
        label="Mail to this name is printed"
        value={rules.print_address ?? ''}
        placeholder={defaultPostmaster.print_address}
        onChange={(text) => change({ print_address: text === '' ? undefined : text })}
        onDone={endGesture}
      />
      <div className={styles.pair}>
        <Limit name="max_hops" label="Hops at most" least={1} />
        <Limit name="inbox_limit" label="Messages in an inbox" least={1} />
      </div>
      <Limit name="inbox_bytes" label="Bytes in an inbox" least={1} />
    </>
  )
}

interface LimitProps {
  readonly name: 'retries' | 'max_hops' | 'inbox_limit' | 'inbox_bytes'
  readonly label: string
  readonly least: number
  readonly most?: number
}

function Limit({ name, label, least, most }: LimitProps) {
  const value = useDocument((state) => state.document.postmaster[name])
  return (
    <NumberField
      label={label}
      value={value}
      standard={defaultPostmaster[name]}
      least={least}
      most={most}
      whole
      onChange={(number) => change({ [name]: number })}
      onDone={endGesture}
    />
  )
}

function Reroute() {
  const document = useDocument((state) => state.document)
  const ref = document.postmaster.reroute_destination ?? ''
  const regions = regionList(document).map(({ id, name }) => ({ value: id, text: name }))
  const other = ref in document.regions ? [] : [{ value: ref, text: nameOf(document, ref) || '…' }]
  return (
    <SelectField
      label="To"
      value={ref}
      options={[...other, ...regions]}
      onChange={(id) => change({ reroute_destination: id })}
    />
  )
}

/** Which listeners get copies: every one, unless some are chosen. */
function Copies() {
  const document = useDocument((state) => state.document)
  const catalog = useCatalog((state) => state.catalog)
  const listeners = regionList(document).filter(({ type }) => catalog[type]?.kind === 'listener')
  if (listeners.length === 0) return null
  const all = listeners.map(({ id }) => id)
  const chosen = document.postmaster.cc ?? all
  const set = (id: string, hears: boolean) => {
    const cc = hears ? [...chosen, id] : chosen.filter((one) => one !== id)
    change({ cc: all.every((one) => cc.includes(one)) ? undefined : cc })
  }
  return (
    <>
      {listeners.map(({ id, name }) => (
        <CheckField
          key={id}
          label={`${name} gets copies of all mail`}
          value={chosen.includes(id)}
          onChange={(hears) => set(id, hears)}
        />
      ))}
    </>
  )
}
