import { get, post } from '@/api/http'
import type { RegionType } from '@/model/catalog'
import type { Finding } from '@/model/finding'
import type { Json, JsonObject } from '@/model/json'

export interface TemplateEntry {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly regions: number
  readonly layers: number
}

export const regionTypes = () => get<RegionType[]>('api/region-types')
export const templates = () => get<TemplateEntry[]>('api/templates')
export const template = (name: string) =>
  get<TemplateEntry & { plan: Json }>(`api/templates/${encodeURIComponent(name)}`)

export const verifyPlan = (plan: JsonObject) =>
  post<{ ok: boolean; findings: Finding[] }>('api/plans/verify', { plan })
