import { create } from 'zustand'
import type { Id } from '@/model/document'

/** What is selected: regions and connections together, or one layer, or one chain of it. */
export interface Selection {
  readonly regions: readonly Id[]
  /** Ids as `connectionId` makes them. */
  readonly connections: readonly Id[]
  readonly layer: Id | null
  readonly chain: Id | null
}

export const nothing: Selection = { regions: [], connections: [], layer: null, chain: null }

export type Theme = 'light' | 'dark'
export type SidePanel = 'selection' | 'plan' | 'problems'

interface View {
  readonly selection: Selection
  readonly side: SidePanel
  readonly theme: Theme
  /** The height of the lanes below the canvas, in pixels. */
  readonly lanesHeight: number
  /** A region that the canvas is to bring into sight, and the field to write in. */
  readonly sought: { readonly region: Id; readonly times: number } | null
  /** How often all of the plan was to be brought into sight. */
  readonly fits: number
  /** The machine over whose card a region of the canvas is dragged. */
  readonly machine: string | null
  readonly notices: readonly Notice[]
  readonly open: Window | null
}

/** A window over the page. */
export type Window = 'commands' | 'connect' | 'templates' | 'help' | 'run'

/** Something that happened, told at the screen's edge. */
export interface Notice {
  readonly id: number
  readonly kind: 'done' | 'problem'
  readonly text: string
  readonly details: readonly string[]
}

const themeKey = 'regions.theme'

/** What is looked at, and how. None of it is part of the plan or of its history. */
export const useView = create<View>(() => ({
  selection: nothing,
  side: 'selection',
  theme: startTheme(),
  lanesHeight: 230,
  sought: null,
  fits: 0,
  machine: null,
  open: null,
  notices: [],
}))

function startTheme(): Theme {
  const kept = localStorage.getItem(themeKey)
  if (kept === 'light' || kept === 'dark') return kept
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(themeKey, theme)
  useView.setState({ theme })
}

/** Select these, and nothing else. */
export function select(part: Partial<Selection>): void {
  useView.setState({ selection: { ...nothing, ...part }, side: 'selection' })
}

export const currentSelection = (): Selection => useView.getState().selection

/** Select a region and bring it into sight. */
export function seek(region: Id): void {
  select({ regions: [region] })
  useView.setState(({ sought }) => ({ sought: { region, times: (sought?.times ?? 0) + 1 } }))
}

/** Bring all of the plan into sight. */
export function fit(): void {
  useView.setState(({ fits }) => ({ fits: fits + 1 }))
}

export function hoverMachine(machine: string | null): void {
  if (useView.getState().machine !== machine) useView.setState({ machine })
}

export function openWindow(open: Window | null): void {
  useView.setState({ open })
}

export function showSide(side: SidePanel): void {
  useView.setState({ side })
}

let noticeNumber = 0

export function tell(kind: Notice['kind'], text: string, details: readonly string[] = []): void {
  noticeNumber += 1
  const notice = { id: noticeNumber, kind, text, details }
  useView.setState(({ notices }) => ({ notices: [...notices.slice(-2), notice] }))
}

export function putAway(id: number): void {
  useView.setState(({ notices }) => ({ notices: notices.filter((one) => one.id !== id) }))
}
