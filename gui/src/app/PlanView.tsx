import { useRef } from 'react'
import { FolderOpen, Plus, Sparkles } from 'lucide-react'
import { chooseFiles } from '@/app/chooseFiles'
import { canvasEdits } from '@/app/canvasEdits'
import { Resizer } from '@/app/Resizer'
import { Side } from '@/app/Side'
import { PlanCanvas } from '@/canvas/PlanCanvas'
import { Dragging } from '@/plan/Dragging'
import { Lanes } from '@/plan/Lanes'
import { Machines } from '@/plan/Machines'
import { Problems } from '@/plan/Problems'
import { RegionList } from '@/plan/RegionList'
import { TypePalette } from '@/plan/TypePalette'
import { addRegionOfType } from '@/store/actions'
import { useMachinesAsked } from '@/store/cluster'
import { useDocument } from '@/store/document'
import { useHealthMarks } from '@/store/health'
import { useProblems } from '@/store/problems'
import { openWindow, select, useView } from '@/store/view'
import { Button } from '@/ui/Button'
import styles from '@/app/PlanView.module.css'

/** The plan: what regions there are, how they are connected, what they do when. */
export function PlanView() {
  const lanesHeight = useView((state) => state.lanesHeight)
  const middle = useRef<HTMLDivElement>(null)
  useMachinesAsked()
  return (
    <Dragging>
      <main className={styles.plan}>
        <aside className={styles.left} aria-label="Regions and their types">
          <TypePalette />
          <RegionList />
        </aside>
        <div
          ref={middle}
          className={styles.middle}
          style={{ '--lanes': `${lanesHeight}px` } as React.CSSProperties}
        >
          <div className={styles.canvas}>
            <Canvas readOnly={false} />
            <Machines />
          </div>
          <Resizer />
          <Lanes />
        </div>
        <Side />
      </main>
    </Dragging>
  )
}

/** The plan on a small screen: to look at, in one column. */
export function NarrowPlanView() {
  useMachinesAsked()
  return (
    <Dragging>
      <main className={styles.narrow}>
        <div className={styles.canvas}>
          <Canvas readOnly />
        </div>
        <Lanes readOnly />
        <section className={styles.problems} aria-label="Problems">
          <Problems />
        </section>
      </main>
    </Dragging>
  )
}

function Canvas({ readOnly }: { readonly readOnly: boolean }) {
  const document = useDocument((state) => state.document)
  const problems = useProblems((state) => state.marks)
  const health = useHealthMarks(document)
  const { selection, sought, fits, machine } = useView()
  return (
    <PlanCanvas
      document={document}
      problems={problems}
      health={health}
      selection={selection}
      onSelect={select}
      sought={sought}
      fits={fits}
      pans={machine === null}
      {...(readOnly ? {} : { edits: canvasEdits })}
      empty={<Empty readOnly={readOnly} />}
    />
  )
}

/** How to begin. */
function Empty({ readOnly }: { readonly readOnly: boolean }) {
  if (readOnly) {
    return (
      <div className={styles.empty}>
        <p>The plan is empty.</p>
        <p>Plans are drawn on a wider screen.</p>
      </div>
    )
  }
  return (
    <div className={styles.empty}>
      <h2>Begin a plan</h2>
      <p>
        Regions ask and answer each other. Take a template that runs as it is, open a file, or add a
        region of your own.
      </p>
      <div className={styles.begin}>
        <Button icon={Sparkles} look="main" onClick={() => openWindow('templates')}>
          Templates
        </Button>
        <Button icon={FolderOpen} onClick={chooseFiles}>
          Open files
        </Button>
        <Button icon={Plus} onClick={() => addRegionOfType('Region')}>
          Region
        </Button>
      </div>
    </div>
  )
}
