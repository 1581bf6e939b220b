import {
  ClipboardPaste,
  Copy,
  FileDown,
  FileUp,
  FolderOpen,
  Focus,
  LayoutGrid,
  Link,
  type LucideIcon,
  Moon,
  Play,
  Plus,
  Redo2,
  Search,
  Sparkles,
  StepForward,
  Trash2,
  Undo2,
} from 'lucide-react'
import { chooseFiles } from '@/app/chooseFiles'
import { run } from '@/app/running'
import { appendLayer } from '@/plan/Lanes'
import {
  addRegionOfType,
  autoLayout,
  deleteSelection,
  duplicateSelection,
  selectAll,
} from '@/store/actions'
import { copyText, cutText, pasteText } from '@/store/clipboard'
import { currentCatalog } from '@/store/catalog'
import { redo, undo } from '@/store/document'
import { newPlan, saveFile } from '@/store/files'
import {
  currentSelection,
  fit,
  openWindow,
  select,
  setTheme,
  showSide,
  useView,
} from '@/store/view'

/** Something that can be done: by keys, from the palette, and listed in the help. */
export interface Command {
  readonly id: string
  readonly title: string
  readonly group: 'Plan' | 'Edit' | 'Regions' | 'View' | 'Go to'
  readonly icon: LucideIcon
  /** Keys, any of which does it: "Mod+Z"; Mod is Ctrl, or Command on a Mac. */
  readonly keys?: readonly string[]
  /** Whether the keys work while text is written as well. */
  readonly always?: boolean
  readonly run: () => void
}

/** The one table of commands. */
export function commands(): Command[] {
  return [...planCommands, ...editCommands, ...regionCommands(), ...viewCommands]
}

const go = (hash: string) => () => {
  location.hash = hash
}

const planCommands: Command[] = [
  {
    id: 'run',
    title: 'Run the plan',
    group: 'Plan',
    icon: Play,
    keys: ['Mod+Enter'],
    always: true,
    run: () => void run(),
  },
  {
    id: 'step',
    title: 'Run the plan layer by layer',
    group: 'Plan',
    icon: StepForward,
    keys: ['Mod+Shift+Enter'],
    always: true,
    run: () => void run({ step: true }),
  },
  {
    id: 'run-options',
    title: 'Run the plan with options…',
    group: 'Plan',
    icon: Play,
    run: () => openWindow('run'),
  },
  {
    id: 'open',
    title: 'Open a file…',
    group: 'Plan',
    icon: FileUp,
    keys: ['Mod+O'],
    always: true,
    run: chooseFiles,
  },
  {
    id: 'templates',
    title: 'Open a template…',
    group: 'Plan',
    icon: Sparkles,
    run: () => openWindow('templates'),
  },
  { id: 'new', title: 'New plan', group: 'Plan', icon: Plus, run: newPlan },
  {
    id: 'save',
    title: 'Export as a plan',
    group: 'Plan',
    icon: FileDown,
    keys: ['Mod+S'],
    always: true,
    run: () => saveFile('plan'),
  },
  {
    id: 'save-regions',
    title: 'Export the regions',
    group: 'Plan',
    icon: FileDown,
    run: () => saveFile('regions'),
  },
  {
    id: 'save-executions',
    title: 'Export the executions',
    group: 'Plan',
    icon: FileDown,
    run: () => saveFile('executions'),
  },
  {
    id: 'save-state',
    title: 'Export the full state',
    group: 'Plan',
    icon: FileDown,
    run: () => saveFile('full-state'),
  },
]

const editCommands: Command[] = [
  {
    id: 'undo',
    title: 'Undo',
    group: 'Edit',
    icon: Undo2,
    keys: ['Mod+Z'],
    always: true,
    run: undo,
  },
  {
    id: 'redo',
    title: 'Redo',
    group: 'Edit',
    icon: Redo2,
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    always: true,
    run: redo,
  },
  { id: 'copy', title: 'Copy', group: 'Edit', icon: Copy, run: () => void write(copyText()) },
  { id: 'cut', title: 'Cut', group: 'Edit', icon: Copy, run: () => void write(cutText()) },
  { id: 'paste', title: 'Paste', group: 'Edit', icon: ClipboardPaste, run: () => void read() },
  {
    id: 'duplicate',
    title: 'Duplicate',
    group: 'Edit',
    icon: Copy,
    keys: ['Mod+D'],
    run: duplicateSelection,
  },
  {
    id: 'delete',
    title: 'Delete what is selected',
    group: 'Edit',
    icon: Trash2,
    keys: ['Delete', 'Backspace'],
    run: deleteSelection,
  },
  {
    id: 'all',
    title: 'Select all regions',
    group: 'Edit',
    icon: Focus,
    keys: ['Mod+A'],
    run: selectAll,
  },
  {
    id: 'none',
    title: 'Select nothing',
    group: 'Edit',
    icon: Focus,
    keys: ['Escape'],
    run: () => select({}),
  },
  {
    id: 'connect',
    title: 'Connect the selected region to…',
    group: 'Edit',
    icon: Link,
    keys: ['C'],
    run: startConnecting,
  },
  { id: 'layer', title: 'Add a layer', group: 'Edit', icon: Plus, keys: ['L'], run: appendLayer },
  {
    id: 'layout',
    title: 'Lay the regions out',
    group: 'Edit',
    icon: LayoutGrid,
    keys: ['Shift+L'],
    run: () => void autoLayout(),
  },
]

function regionCommands(): Command[] {
  return Object.keys(currentCatalog()).map((type, at) => ({
    id: `add ${type}`,
    title: `Add a ${type}`,
    group: 'Regions',
    icon: Plus,
    ...(at < 9 ? { keys: [String(at + 1)] } : {}),
    run: () => addRegionOfType(type),
  }))
}

const viewCommands: Command[] = [
  {
    id: 'commands',
    title: 'Find a command',
    group: 'View',
    icon: Search,
    keys: ['Mod+K'],
    always: true,
    run: () => openWindow('commands'),
  },
  {
    id: 'help',
    title: 'Keys and help',
    group: 'View',
    icon: Search,
    keys: ['?'],
    run: () => openWindow('help'),
  },
  {
    id: 'search',
    title: 'Search regions',
    group: 'View',
    icon: Search,
    keys: ['/'],
    run: () => document.getElementById('region-search')?.focus(),
  },
  {
    id: 'fit',
    title: 'Show all of the plan',
    group: 'View',
    icon: Focus,
    keys: ['Shift+1'],
    run: fit,
  },
  {
    id: 'problems',
    title: 'Show the problems',
    group: 'View',
    icon: Focus,
    keys: ['P'],
    run: () => showSide('problems'),
  },
  {
    id: 'settings',
    title: "Show the plan's settings",
    group: 'View',
    icon: Focus,
    keys: ['S'],
    run: () => showSide('plan'),
  },
  {
    id: 'theme',
    title: 'Dark or light',
    group: 'View',
    icon: Moon,
    run: () => setTheme(useView.getState().theme === 'dark' ? 'light' : 'dark'),
  },
  { id: 'go-plan', title: 'Plan', group: 'Go to', icon: FolderOpen, run: go('#/') },
  { id: 'go-runs', title: 'Runs', group: 'Go to', icon: FolderOpen, run: go('#/runs') },
  { id: 'go-machines', title: 'Machines', group: 'Go to', icon: FolderOpen, run: go('#/machines') },
  {
    id: 'go-recording',
    title: 'A recorded run',
    group: 'Go to',
    icon: FolderOpen,
    run: go('#/recording'),
  },
]

function startConnecting(): void {
  if (currentSelection().regions.length === 1) openWindow('connect')
}

async function write(text: string | null): Promise<void> {
  if (text !== null) await navigator.clipboard.writeText(text)
}

async function read(): Promise<void> {
  pasteText(await navigator.clipboard.readText())
}
