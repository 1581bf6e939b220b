import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { regionTypes } from '@/api/plans'
import { App } from '@/app/App'
import { useCatalog } from '@/store/catalog'
import { keepDraft, restoreDraft } from '@/store/draft'
import { tell } from '@/store/view'
import '@/ui/tokens.css'

if (restoreDraft().unreadable) {
  tell('problem', 'The plan of last time could not be read. It is kept in this browser.')
}
keepDraft()

regionTypes().then(
  (types) =>
    useCatalog.setState({ catalog: Object.fromEntries(types.map((type) => [type.name, type])) }),
  () => undefined, // Without a coordinator there are the built-in types.
)

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
