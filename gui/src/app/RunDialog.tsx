import { useState } from 'react'
import { Play } from 'lucide-react'
import { optionsOf, type RunChoice } from '@/app/runChoice'
import { run } from '@/app/running'
import { layerList, type Layer } from '@/model/document'
import { currentDocument } from '@/store/document'
import { openWindow } from '@/store/view'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { CheckField, NumberField, SelectField } from '@/ui/Field'
import styles from '@/app/RunDialog.module.css'

const close = () => openWindow(null)

/** Which layers are run, for how long at most, and whether one by one. */
export default function RunDialog() {
  const [layers] = useState(() => layerList(currentDocument()))
  const [choice, setChoice] = useState<RunChoice>(() => wholePlan(layers.length))
  const change = (part: Partial<RunChoice>) => setChoice((before) => ({ ...before, ...part }))
  const begin = () => {
    close()
    void run(optionsOf(choice, layers.length))
  }
  return (
    <Dialog title="Run with options" onClose={close}>
      <form className={styles.form} action={begin}>
        {layers.length > 1 && <Range layers={layers} choice={choice} onChange={change} />}
        <NumberField
          label="Time limit, in seconds"
          value={choice.seconds}
          least={0.001}
          most={1e9}
          hint="Empty: as long as it takes. A run whose time is up can be resumed."
          onChange={(seconds) => change({ seconds })}
        />
        <CheckField
          label="Layer by layer"
          value={choice.step}
          hint="It stops before each layer until you press “Next layer”."
          onChange={(step) => change({ step })}
        />
        <div className={styles.foot}>
          <Button type="submit" look="main" icon={Play}>
            Run
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function wholePlan(layers: number): RunChoice {
  return { from: 0, to: layers - 1, seconds: undefined, step: false }
}

interface RangeProps {
  readonly layers: readonly Layer[]
  readonly choice: RunChoice
  readonly onChange: (part: Partial<RunChoice>) => void
}

/** The first and the last layer; neither can pass the other. */
function Range({ layers, choice: { from, to }, onChange }: RangeProps) {
  const options = layers.map(({ chains }, at) => ({
    value: String(at),
    text: `Layer ${at + 1} (${chains.map(({ name }) => name).join(', ')})`,
  }))
  return (
    <div className={styles.range}>
      <SelectField
        label="From"
        value={String(from)}
        options={options}
        onChange={(value) => onChange({ from: Number(value), to: Math.max(Number(value), to) })}
      />
      <SelectField
        label="To"
        value={String(to)}
        options={options}
        onChange={(value) => onChange({ to: Number(value), from: Math.min(from, Number(value)) })}
      />
    </div>
  )
}
