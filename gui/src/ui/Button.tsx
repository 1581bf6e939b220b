import type { ButtonHTMLAttributes, ReactNode } from 'react'
import type { LucideIcon } from 'lucide-react'
import styles from '@/ui/Button.module.css'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon?: LucideIcon
  readonly look?: 'plain' | 'main' | 'quiet' | 'danger'
  readonly children?: ReactNode
}

export function Button({ icon: Icon, look = 'plain', children, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`${styles.button ?? ''} ${className ?? ''}`}
      data-look={look}
      {...rest}
    >
      {Icon && <Icon size={15} aria-hidden />}
      {children}
    </button>
  )
}

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  readonly icon: LucideIcon
  /** What it does: its name for everybody who does not see the icon, and its tooltip. */
  readonly label: string
  readonly size?: number
}

export function IconButton({
  icon: Icon,
  label,
  size = 15,
  look = 'quiet',
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      className={`${styles.button ?? ''} ${styles.square ?? ''}`}
      data-look={look}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon size={size} aria-hidden />
    </button>
  )
}
