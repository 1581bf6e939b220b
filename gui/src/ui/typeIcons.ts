import {
  Box,
  Database,
  Ear,
  FastForward,
  Megaphone,
  MessagesSquare,
  type LucideIcon,
} from 'lucide-react'
import type { RegionKind } from '@/model/catalog'

/** Icon and colour of each kind of region. */
export const typeIcons: Record<RegionKind, LucideIcon> = {
  llm: MessagesSquare,
  feed: FastForward,
  rag: Database,
  broadcast: Megaphone,
  listener: Ear,
  own: Box,
}

export const typeColor = (kind: RegionKind) => `var(--region-${kind})`
