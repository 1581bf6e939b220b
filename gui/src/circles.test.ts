import ts from 'typescript'
import { expect, it } from 'vitest'

const texts = import.meta.glob<string>('./**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** What each file imports, types too; files by the names that others import them by. */
const imports = new Map(
  Object.entries(texts).map(([path, text]) => [
    path.replace(/^\./, '@').replace(/\.tsx?$/, ''),
    ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName),
  ]),
)

const done = new Set<string>()

/** The first circle on the way on from `file`, which `path` led to. */
function circleFrom(file: string, path: readonly string[] = []): readonly string[] | null {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
  if (done.has(file)) return null
  done.add(file)
  const ways = (imports.get(file) ?? []).map((next) => circleFrom(next, [...path, file]))
  return ways.find((circle) => circle !== null) ?? null
}

it('no files import one another in a circle, not even types', () => {
  expect(imports.get('@/model/json')).toEqual([])
  expect([...imports.keys()].map((file) => circleFrom(file)?.join(' → ')).filter(Boolean)).toEqual(
    [],
  )
})
