import { create } from 'zustand'
import { builtinCatalog } from '@/model/builtin'
import type { Catalog } from '@/model/catalog'

/** The region types on offer: the built-in ones, until a coordinator has told its own. */
export const useCatalog = create<{ readonly catalog: Catalog }>(() => ({ catalog: builtinCatalog }))

export const currentCatalog = (): Catalog => useCatalog.getState().catalog
