import { Plus, X } from 'lucide-react'
import type { Id, StepRule } from '@/model/document'
import { addRule, changePolicy, changeRule, removeRule, type Changes } from '@/model/edits/settings'
import { defaultStepPolicy, type StepPolicy } from '@/model/plan'
import { useCatalog } from '@/store/catalog'
import { edit, endGesture, useDocument } from '@/store/document'
import { Button, IconButton } from '@/ui/Button'
import { NumberField, SelectField } from '@/ui/Field'
import styles from '@/inspector/Form.module.css'

/** How steps are tried: those of a region, or with null the rule for every step. */
export function RulesForm({ region }: { region: Id | null }) {
  const steps = useDocument((state) => state.document.steps)
  const rules = steps.filter((rule) => rule.region === region)
  return (
    <>
      {rules.map((rule) => (
        <RuleCard key={rule.id} rule={rule} />
      ))}
      {(region !== null || rules.length === 0) && (
        <Button icon={Plus} onClick={() => edit((now) => addRule(now, region))}>
          {region === null ? 'Rule for every step' : 'Add a rule'}
        </Button>
      )}
    </>
  )
}

function RuleCard({ rule }: { rule: StepRule }) {
  const { id, policy } = rule
  const change = (changes: Changes<StepPolicy>) =>
    edit((now) => changePolicy(now, id, changes), `${id} ${Object.keys(changes).join()}`)
  return (
    <div className={styles.card}>
      <div className={styles.row}>
        <MethodSelect rule={rule} />
        <IconButton
          icon={X}
          label="Remove the rule"
          onClick={() => edit((now) => removeRule(now, id))}
        />
      </div>
      <div className={styles.pair}>
        <NumberField
          label="Timeout, s"
          value={policy.timeout ?? undefined}
          least={0.001}
          onChange={(timeout) => change({ timeout })}
          onDone={endGesture}
        />
        <NumberField
          label="Retries"
          value={policy.retries}
          standard={defaultStepPolicy.retries}
          least={0}
          most={100}
          whole
          onChange={(retries) => change({ retries })}
          onDone={endGesture}
        />
        <NumberField
          label="First pause, s"
          value={policy.backoff}
          standard={defaultStepPolicy.backoff}
          least={0}
          onChange={(backoff) => change({ backoff })}
          onDone={endGesture}
        />
        <SelectField
          label="If it fails"
          value={policy.on_failure ?? defaultStepPolicy.on_failure}
          options={[
            { value: 'fail', text: 'the run fails' },
            { value: 'continue', text: 'go on' },
          ]}
          onChange={(on_failure) => change({ on_failure })}
        />
      </div>
    </div>
  )
}

function MethodSelect({ rule }: { rule: StepRule }) {
  const type = useDocument((state) => state.document.regions[rule.region ?? '']?.type)
  const methods = useCatalog((state) => state.catalog[type ?? '']?.methods) ?? []
  if (rule.region === null) return <span>Every step without a rule of its own</span>
  const names = methods.map(({ name }) => name)
  const unknown = rule.method !== null && !names.includes(rule.method) ? [rule.method] : []
  return (
    <SelectField
      label="For"
      value={rule.method ?? ''}
      options={[
        { value: '', text: 'all its methods' },
        ...[...unknown, ...names].map((value) => ({ value, text: value })),
      ]}
      onChange={(method) =>
        edit((now) => changeRule(now, rule.id, { method: method === '' ? null : method }))
      }
    />
  )
}
