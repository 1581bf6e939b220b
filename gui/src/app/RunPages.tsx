import { RunCanvas } from '@/app/RunCanvas'
import { Machines } from '@/monitor/Machines'
import { Recording } from '@/monitor/Recording'
import { RunList } from '@/monitor/RunList'
import { RunView } from '@/monitor/RunView'

const go = (hash: string) => {
  location.hash = hash
}
const goToRun = (run: string) => go(`#/runs/${encodeURIComponent(run)}`)

export type RunRoute =
  | { readonly view: 'runs' | 'machines' | 'recording' }
  | { readonly view: 'run'; readonly run: string }

/** The views of runs and machines; loaded when one is first opened. */
export default function RunPages({ route }: { route: RunRoute }) {
  switch (route.view) {
    case 'machines':
      return <Machines />
    case 'runs':
      return <RunList onRecording={() => go('#/recording')} />
    case 'recording':
      return <Recording canvas={<RunCanvas />} onRun={goToRun} />
    case 'run':
      return <RunView key={route.run} run={route.run} canvas={<RunCanvas />} onRun={goToRun} />
  }
}
