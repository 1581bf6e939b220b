import { useMemo } from 'react'
import { create } from 'zustand'
import { healthMarks, healthOfRegion, healthsOf } from '@/model/health'
import type { Healths, ResourceHealth } from '@/model/health'
import type { Id, PlanDocument, Region } from '@/model/document'
import { useCatalog } from '@/store/catalog'
import { useCluster } from '@/store/cluster'

/** How what the cluster's workers lend is; the same objects until something changes. */
export const useHealths = create<{ readonly healths: Healths }>(() => ({ healths: new Map() }))

useCluster.subscribe((cluster) => {
  const { healths } = useHealths.getState()
  const next = healthsOf(listed(cluster), healths)
  if (next !== healths) useHealths.setState({ healths: next })
})

/** What is lent, where that is known. An embedded run brings its own models and stores along. */
function listed({ health, resources, problem }: ReturnType<typeof useCluster.getState>) {
  const known = problem === null && health?.mode === 'cluster' && health.status === 'ok'
  return known ? (resources ?? []) : []
}

const none = {}

/** The gravest of what each region of a plan needs; nothing without a plan. */
export function useHealthMarks(
  document: PlanDocument | null,
): Readonly<Record<Id, ResourceHealth>> {
  const healths = useHealths((state) => state.healths)
  const catalog = useCatalog((state) => state.catalog)
  return useMemo(
    () => (document ? healthMarks(document, catalog, healths) : none),
    [document, catalog, healths],
  )
}

/** How all is that a region needs. */
export function useRegionHealth(region: Region, document: PlanDocument): ResourceHealth[] {
  const healths = useHealths((state) => state.healths)
  const catalog = useCatalog((state) => state.catalog)
  return healthOfRegion(region, document, catalog, healths)
}
