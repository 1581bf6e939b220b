/** Where in a run something stands: a turn of a layer, a chain of it, a step of that. */
export interface Position {
  readonly place: number
  /** From 1; 0 is mail from outside the plan. */
  readonly chain: number
  readonly step: number
}

const pattern = /^(\d{4,})-(\d{3,})-(\d{3,})/

/** The position that begins the id of a step or of a message; null for a stray one. */
export function positionOf(id: string): Position | null {
  const [, place, chain, step] = pattern.exec(id) ?? []
  if (place === undefined || chain === undefined || step === undefined) return null
  return { place: Number(place), chain: Number(chain), step: Number(step) }
}

/** The id of the step that posted a message; "" where no step did. */
export function stepOf(messageId: string): string {
  const position = positionOf(messageId)
  return position && position.chain > 0 ? (pattern.exec(messageId)?.[0] ?? '') : ''
}

export function stepId({ place, chain, step }: Position): string {
  const padded = (number: number, digits: number) => String(number).padStart(digits, '0')
  return `${padded(place, 4)}-${padded(chain, 3)}-${padded(step, 3)}`
}
