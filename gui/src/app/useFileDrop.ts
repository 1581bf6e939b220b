import { useEffect } from 'react'
import { openFiles } from '@/store/files'

/** Files dragged into the window are opened. */
export function useFileDrop(active: boolean): void {
  useEffect(() => {
    if (!active) return
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
    }
    const drop = (event: DragEvent) => {
      const files = event.dataTransfer?.files
      if (!files || files.length === 0) return
      event.preventDefault()
      void openFiles(files)
    }
    addEventListener('dragover', over)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('drop', drop)
    }
  }, [active])
}
