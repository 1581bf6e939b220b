const mac = typeof navigator !== 'undefined' && navigator.platform.startsWith('Mac')

/** Keys as people read them: "Ctrl+Z", "⌘Z". */
export function keyNames(keys: string): string {
  return mac
    ? keys.replace('Mod+', '⌘').replace('Shift+', '⇧')
    : keys.replace('Mod', 'Ctrl').replace('Delete', 'Del')
}
