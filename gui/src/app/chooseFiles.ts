import { openFiles } from '@/store/files'

/** Let a person choose files, and open them. */
export function chooseFiles(): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = '.json,application/json'
  input.multiple = true
  input.addEventListener('change', () => void openFiles(input.files ?? []))
  input.click()
}
