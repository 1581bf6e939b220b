import { entriesOf, isObject, type Json } from '@/model/json'
import { place, type Reading } from '@/model/codec/reading'

/** From here on JavaScript writes a number in powers of ten, as does who means it roughly. */
const rough = 1e21

/** Warn of each whole number in `value` that JavaScript may have rounded. */
export function tellRounded(reading: Reading, value: Json, where = ''): void {
  if (Array.isArray(value)) {
    ;(value as readonly Json[]).forEach((one, at) => tellRounded(reading, one, `${where}[${at}]`))
  } else if (isObject(value)) {
    for (const [key, one] of entriesOf(value)) tellRounded(reading, one, place(where, key))
  } else if (isRounded(value)) {
    const what = `has more digits than an editor in a browser keeps; it is taken as ${value}`
    reading.repaired(where, 'rounded-number', what)
  }
}

const isRounded = (value: Json): value is number =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(Number(value)) < rough
