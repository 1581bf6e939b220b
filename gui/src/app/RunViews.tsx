import type { Route } from '@/app/routes'
import styles from '@/app/App.module.css'

/** What is not the plan: runs, machines, recordings. */
export function RunViews({ route }: { readonly route: Route }) {
  return <p className={styles.soon}>Nothing to show for “{route.view}” yet.</p>
}
