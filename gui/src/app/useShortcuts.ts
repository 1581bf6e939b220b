import { useEffect } from 'react'
import { commands, type Command } from '@/app/commands'
import { copyText, cutText, pasteText } from '@/store/clipboard'
import { useView } from '@/store/view'

const mac = navigator.platform.startsWith('Mac')

/** The keys of the table of commands, and the clipboard. `active` while a plan is edited. */
export function useShortcuts(active: boolean): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const command = active ? commandFor(event) : palette(event)
      if (!command) return
      event.preventDefault()
      command.run()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [active])
  useEffect(() => (active ? onClipboard() : undefined), [active])
}

/** The palette can be opened everywhere. */
const palette = (event: KeyboardEvent) =>
  event.key.toLowerCase() === 'k' ? commandFor(event) : undefined

function commandFor(event: KeyboardEvent): Command | undefined {
  if (event.defaultPrevented || useView.getState().open !== null) return undefined
  const pressed = keysOf(event)
  const writing = isWriting(event.target)
  return commands().find(
    ({ keys, always }) => (keys?.includes(pressed) ?? false) && (always === true || !writing),
  )
}

/** The keys that were pressed, as the table writes them. */
function keysOf(event: KeyboardEvent): string {
  const mod = mac ? event.metaKey : event.ctrlKey
  const shift = event.shiftKey && isNamed(event)
  return [mod ? 'Mod' : '', shift ? 'Shift' : '', keyOf(event)].filter(Boolean).join('+')
}

const letter = /^[a-z]$/i
const digit = (event: KeyboardEvent) => /^Digit(\d)$/.exec(event.code)?.[1]

/** Letters stand in capitals; a digit is that of its key, whatever Shift makes of it. */
function keyOf(event: KeyboardEvent): string {
  if (letter.test(event.key)) return event.key.toUpperCase()
  return (event.shiftKey ? digit(event) : undefined) ?? event.key
}

/** Whether the key has a name to which Shift is added; "?" is what Shift has made already. */
const isNamed = (event: KeyboardEvent) =>
  letter.test(event.key) || event.key.length > 1 || digit(event) !== undefined

const isWriting = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable)

/** Copy, cut and paste by the browser's own events, which need no permission. */
function onClipboard(): () => void {
  const take = (text: () => string | null) => (event: ClipboardEvent) => {
    if (isWriting(event.target) || getSelection()?.toString()) return
    const taken = text()
    if (taken === null) return
    event.preventDefault()
    event.clipboardData?.setData('text/plain', taken)
  }
  const copy = take(copyText)
  const cut = take(cutText)
  const paste = (event: ClipboardEvent) => {
    if (isWriting(event.target)) return
    if (pasteText(event.clipboardData?.getData('text/plain') ?? '')) event.preventDefault()
  }
  addEventListener('copy', copy)
  addEventListener('cut', cut)
  addEventListener('paste', paste)
  return () => {
    removeEventListener('copy', copy)
    removeEventListener('cut', cut)
    removeEventListener('paste', paste)
  }
}
