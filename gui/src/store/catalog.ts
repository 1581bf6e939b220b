import { create } from 'zustand'
import { builtinCatalog } from '@/model/builtin'
import { catalogOf, type Catalog, type RegionType } from '@/model/catalog'

/** The region types on offer: the built-in ones, until a coordinator has told its own. */
export const useCatalog = create<{ readonly catalog: Catalog }>(() => ({ catalog: builtinCatalog }))

export const currentCatalog = (): Catalog => useCatalog.getState().catalog

/** Take the types that a coordinator tells: the built-in ones first, in their own order. */
export function learnTypes(types: readonly RegionType[]): void {
  const builtin = Object.keys(builtinCatalog)
  const rank = ({ name }: RegionType) => builtin.indexOf(name) + 1 || Infinity
  const sorted = [...types].sort((one, other) =>
    rank(one) === rank(other) ? 0 : rank(one) - rank(other),
  )
  useCatalog.setState({ catalog: catalogOf(sorted) })
}
