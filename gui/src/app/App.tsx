import { lazy, Suspense, useEffect } from 'react'
import { Notices } from '@/app/Notices'
import { NarrowPlanView, PlanView } from '@/app/PlanView'
import { TopBar } from '@/app/TopBar'
import { useFileDrop } from '@/app/useFileDrop'
import { useNarrow } from '@/app/useNarrow'
import { useRoute } from '@/app/routes'
import { useShortcuts } from '@/app/useShortcuts'
import { useView } from '@/store/view'
import styles from '@/app/App.module.css'

/** The shell: what is on the screen for the address that is open. */
export function App() {
  const route = useRoute()
  const narrow = useNarrow()
  const theme = useView((state) => state.theme)
  const planning = route.view === 'plan' && !narrow
  useShortcuts(planning)
  useFileDrop(planning)
  useEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  return (
    <div className={styles.app} data-narrow={narrow || undefined}>
      <TopBar route={route} narrow={narrow} />
      {route.view !== 'plan' && (
        <Suspense>
          <RunPages route={route} />
        </Suspense>
      )}
      {route.view === 'plan' && (narrow ? <NarrowPlanView /> : <PlanView />)}
      <Windows />
      <Notices />
    </div>
  )
}

const RunPages = lazy(() => import('@/app/RunPages'))
const Palette = lazy(() => import('@/app/Palette'))
const Templates = lazy(() => import('@/app/Templates'))
const RunDialog = lazy(() => import('@/app/RunDialog'))
const Help = lazy(() => import('@/app/Help'))

/** The window that is open over the page, if one is; fetched when it is first wanted. */
function Windows() {
  const open = useView((state) => state.open)
  return (
    <Suspense>
      {(open === 'commands' || open === 'connect') && (
        <Palette key={open} connects={open === 'connect'} />
      )}
      {open === 'templates' && <Templates />}
      {open === 'help' && <Help />}
      {open === 'run' && <RunDialog />}
    </Suspense>
  )
}
