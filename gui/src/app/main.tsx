import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { regionTypes } from '@/api/plans'
import { App } from '@/app/App'
import { learnTypes } from '@/store/catalog'
import { keepDraft, restoreDraft } from '@/store/draft'
import { tell } from '@/store/view'
import '@/ui/tokens.css'

if (restoreDraft().unreadable) {
  tell('problem', 'The plan of last time could not be read. It is kept in this browser.')
}
keepDraft()

// Without a coordinator there are the built-in types.
regionTypes().then(learnTypes, () => undefined)

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
