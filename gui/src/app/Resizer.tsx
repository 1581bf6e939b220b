import { useView } from '@/store/view'
import styles from '@/app/Resizer.module.css'

const least = 96
const most = 560
const step = 24

const resize = (height: number) =>
  useView.setState({ lanesHeight: Math.round(Math.min(most, Math.max(least, height))) })

/** The bar between canvas and lanes: dragged, or moved by arrows. */
export function Resizer() {
  const height = useView((state) => state.lanesHeight)
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label="Height of the layers"
      aria-orientation="horizontal"
      aria-valuenow={height}
      aria-valuemin={least}
      aria-valuemax={most}
      className={styles.bar}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) {
          resize(innerHeight - event.clientY)
        }
      }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowUp') resize(height + step)
        if (event.key === 'ArrowDown') resize(height - step)
      }}
    />
  )
}
