import { useEffect, useId, useRef, useState, type CSSProperties, type ReactNode } from 'react'
import type { LucideIcon } from 'lucide-react'
import { Button } from '@/ui/Button'
import styles from '@/ui/Menu.module.css'

export interface MenuItem {
  readonly label: string
  readonly note?: string
  readonly icon?: LucideIcon
  readonly disabled?: boolean
  readonly run: () => void
}

interface MenuProps {
  /** What the button is called. */
  readonly label: string
  readonly icon?: LucideIcon
  readonly look?: 'plain' | 'quiet'
  readonly children?: ReactNode
  /** Whether it is one of the stops of a `Roving`. */
  readonly stop?: boolean
  readonly items: readonly MenuItem[]
}

/** A button that opens a list of things to do; arrows go through it, Escape closes it. */
export function Menu({ label, icon, look = 'quiet', children, stop, items }: MenuProps) {
  const [at, setAt] = useState<CSSProperties | null>(null)
  const open = at !== null
  const frame = useRef<HTMLDivElement>(null)
  const id = useId()
  useEffect(() => {
    if (!open) return
    const outside = (event: Event) => {
      if (!frame.current?.contains(event.target as Node)) setAt(null)
    }
    addEventListener('pointerdown', outside)
    frame.current?.querySelector<HTMLElement>('[role=menuitem]:not(:disabled)')?.focus()
    return () => removeEventListener('pointerdown', outside)
  }, [open])

  const close = () => {
    setAt(null)
    frame.current?.querySelector('button')?.focus()
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape' && open) {
      event.stopPropagation()
      close()
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!open || step === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const entries = [
      ...(frame.current?.querySelectorAll<HTMLElement>('[role=menuitem]:not(:disabled)') ?? []),
    ]
    const index = entries.indexOf(document.activeElement as HTMLElement)
    entries[(index + step + entries.length) % entries.length]?.focus()
  }

  return (
    <div ref={frame} className={styles.menu} onKeyDown={onKeyDown}>
      <Button
        {...(icon ? { icon } : {})}
        look={look}
        className={children ? '' : styles.square}
        aria-label={label}
        title={label}
        data-stop={stop ? '' : undefined}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={(event) => setAt(open ? null : below(event.currentTarget))}
      >
        {children}
      </Button>
      {open && (
        <div id={id} role="menu" aria-label={label} className={styles.list} style={at}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={styles.item}
              disabled={item.disabled}
              onClick={() => {
                close()
                item.run()
              }}
            >
              {item.icon && <item.icon size={14} aria-hidden />}
              <span>{item.label}</span>
              {item.note && <span className={styles.note}>{item.note}</span>}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

const gap = 4
const room = 330

/** Where a list opens: below its button, or above it where there is more room. */
function below(button: HTMLElement): CSSProperties {
  const { top, bottom, left, right } = button.getBoundingClientRect()
  const across = left > innerWidth / 2 ? { right: innerWidth - right } : { left }
  return innerHeight - bottom > Math.min(room, top)
    ? { ...across, top: bottom + gap }
    : { ...across, bottom: innerHeight - top + gap }
}
