import { catalogOf, type Catalog, type RegionType } from '@/model/catalog'
import types from '@/model/catalog.json'

/**
 * The types that every coordinator knows: what the editor offers where none is reachable. A test of
 * the Python side holds the file to what it says.
 */
export const builtinCatalog: Catalog = catalogOf(types as unknown as RegionType[])
