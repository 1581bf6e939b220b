import {
  ChevronDown,
  CircleAlert,
  CircleCheck,
  FileDown,
  FolderOpen,
  Moon,
  Play,
  Redo2,
  Search,
  Sun,
  TriangleAlert,
  Undo2,
  Workflow,
} from 'lucide-react'
import { chooseFiles } from '@/app/chooseFiles'
import { keyNames } from '@/app/keyNames'
import type { Route } from '@/app/routes'
import { run } from '@/app/running'
import { redo, undo, useDocument, useHistory } from '@/store/document'
import { newPlan, saveFile } from '@/store/files'
import { useProblems } from '@/store/problems'
import { openWindow, setTheme, showSide, useView } from '@/store/view'
import { Button, IconButton } from '@/ui/Button'
import { Menu } from '@/ui/Menu'
import { counted } from '@/ui/counted'
import styles from '@/app/TopBar.module.css'

const views = [
  { hash: '#/', text: 'Plan', of: ['plan'] },
  { hash: '#/runs', text: 'Runs', of: ['runs', 'run', 'recording'] },
  { hash: '#/machines', text: 'Machines', of: ['machines'] },
]

/** The bar over every view: where one is, and what can be done there. */
export function TopBar({ route, narrow }: { readonly route: Route; readonly narrow: boolean }) {
  return (
    <header className={styles.bar}>
      <span className={styles.mark}>
        <Workflow size={18} aria-hidden /> <span className={styles.product}>Regions</span>
      </span>
      <nav aria-label="Views" className={styles.views}>
        {views.map(({ hash, text, of }) => (
          <a
            key={hash}
            href={hash}
            className={styles.view}
            aria-current={of.includes(route.view) ? 'page' : undefined}
          >
            {text}
          </a>
        ))}
      </nav>
      {route.view === 'plan' && <Title />}
      {route.view === 'run' && !narrow && <span className={styles.title}>{route.run}</span>}
      <div className={styles.tools}>
        {route.view === 'plan' && !narrow && <PlanTools />}
        {!narrow && (
          <IconButton
            icon={Search}
            label={`Commands (${keyNames('Mod+K')})`}
            onClick={() => openWindow('commands')}
          />
        )}
        <ThemeButton />
        {route.view === 'plan' && !narrow && <RunButtons />}
      </div>
    </header>
  )
}

function RunButtons() {
  return (
    <div className={styles.run}>
      <Button icon={Play} look="main" onClick={() => void run()}>
        Run
      </Button>
      <Menu
        label="More ways to run"
        icon={ChevronDown}
        items={[
          {
            label: 'Layer by layer',
            note: keyNames('Mod+Shift+Enter'),
            run: () => void run({ step: true }),
          },
          { label: 'With options…', run: () => openWindow('run') },
        ]}
      />
    </div>
  )
}

function ThemeButton() {
  const dark = useView((state) => state.theme === 'dark')
  return (
    <IconButton
      icon={dark ? Sun : Moon}
      label={dark ? 'Light colours' : 'Dark colours'}
      onClick={() => setTheme(dark ? 'light' : 'dark')}
    />
  )
}

function Title() {
  const title = useDocument((state) => state.document.title)
  return <h1 className={styles.title}>{title}</h1>
}

function PlanTools() {
  const { past, future } = useHistory()
  return (
    <>
      <ProblemCount />
      <IconButton
        icon={Undo2}
        label={`Undo (${keyNames('Mod+Z')})`}
        disabled={past === 0}
        onClick={undo}
      />
      <IconButton
        icon={Redo2}
        label={`Redo (${keyNames('Mod+Shift+Z')})`}
        disabled={future === 0}
        onClick={redo}
      />
      <Menu
        label="Open"
        items={[
          { label: 'A template…', run: () => openWindow('templates') },
          { label: 'Files…', note: keyNames('Mod+O'), run: chooseFiles },
          { label: 'An empty plan', run: newPlan },
        ]}
      >
        <FolderOpen size={15} aria-hidden /> Open
      </Menu>
      <Menu
        label="Export"
        items={[
          { label: 'Plan', note: keyNames('Mod+S'), run: () => saveFile('plan') },
          { label: 'Regions', run: () => saveFile('regions') },
          { label: 'Executions', run: () => saveFile('executions') },
          { label: 'Full state', run: () => saveFile('full-state') },
        ]}
      >
        <FileDown size={15} aria-hidden /> Export
      </Menu>
    </>
  )
}

function ProblemCount() {
  const problems = useProblems((state) => state.problems)
  const begun = useDocument(({ document }) => document.regionOrder.length > 0)
  if (!begun) return null
  const errors = problems.filter((one) => one.severity === 'error').length
  const warnings = problems.length - errors
  const Icon = errors > 0 ? CircleAlert : warnings > 0 ? TriangleAlert : CircleCheck
  const state = errors > 0 ? 'error' : warnings > 0 ? 'warning' : 'sound'
  const text = state === 'sound' ? 'No problems' : countText(errors, warnings)
  return (
    <button
      type="button"
      className={styles.problems}
      data-state={state}
      onClick={() => showSide('problems')}
    >
      <Icon size={15} aria-hidden /> {text}
    </button>
  )
}

function countText(errors: number, warnings: number): string {
  const some = (count: number, one: string) => (count === 0 ? [] : [counted(count, one)])
  return [...some(errors, 'error'), ...some(warnings, 'warning')].join(', ')
}
