import { useRun } from '@/store/run'
import styles from '@/monitor/AsOfNow.module.css'

/** Over what is only known as it is now, while an earlier instant is looked at. */
export function AsOfNow() {
  const earlier = useRun((state) => state.cursor !== null)
  if (!earlier) return null
  return <p className={styles.now}>As of now, not of the instant that you look at:</p>
}
