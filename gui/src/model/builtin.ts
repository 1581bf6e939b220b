import type {
  Catalog,
  RegionKind,
  RegionMethod,
  RegionParameter,
  RegionType,
} from '@/model/catalog'

/** The types that every coordinator knows: what the editor offers where none is reachable. */
const clearing: RegionMethod[] = [
  { name: 'clear_replies', summary: 'Forget all knowledge.' },
  {
    name: 'keep_last_reply_per_source',
    summary: 'Keep, of each source, only the reply that came last.',
  },
]

const asking: RegionMethod[] = [
  {
    name: 'make_questions',
    summary: 'Ask the connections what is needed to answer the pending requests, which stay.',
  },
  { name: 'make_replies', summary: 'Answer each pending request from what is known.' },
  { name: 'summarize_replies', summary: 'Condense the replies of each source into one.' },
  ...clearing,
]

const remembering: RegionMethod[] = [
  { name: 'make_replies', summary: 'Answer each pending request with matching memories.' },
  { name: 'make_updates', summary: 'Let the store learn every held reply.' },
  {
    name: 'request_summaries',
    summary: 'Ask every connection for a summary of what it knows.',
  },
  ...clearing,
]

const threshold: RegionParameter = {
  name: 'threshold',
  summary: 'How similar a memory must be to the request, from -1 to 1.',
  kind: 'number',
  default: 0.5,
  least: -1,
  most: 1,
}

const withActors: RegionParameter = {
  name: 'reply_with_actors',
  summary: 'Say with each memory whom it is about.',
  kind: 'flag',
  default: false,
}

const delay: RegionParameter = {
  name: 'delay',
  summary: 'Kept for older files; nothing waits that long.',
  kind: 'number',
  default: 0.5,
}

function type(
  name: string,
  kind: RegionKind,
  summary: string,
  methods: readonly RegionMethod[],
  more: Partial<RegionType> = {},
): RegionType {
  return { name, kind, summary, methods, parameters: [], resources: [], connects: true, ...more }
}

const types: RegionType[] = [
  type('Region', 'llm', 'Asks its connections, answers, and condenses, with a model.', asking, {
    resources: ['llm'],
  }),
  type(
    'FeedForwardRegion',
    'feed',
    'Answers like a Region, and sends each answer on to all its connections.',
    asking,
    { resources: ['llm'] },
  ),
  type('RAGRegion', 'rag', 'Answers from a store of memories, and learns.', remembering, {
    parameters: [withActors, threshold],
    resources: ['rag'],
  }),
  type('BroadcastRegion', 'broadcast', 'Sends each message it holds on to all its connections.', [
    { name: 'broadcast', summary: 'Forward the held mail unchanged, and let go of it.' },
  ]),
  type(
    'ListenerRegion',
    'listener',
    'Gets a copy of every message; writes to nobody.',
    [
      { name: 'start', summary: 'Listen from here on.' },
      { name: 'stop', summary: 'Listen no more.' },
    ],
    { parameters: [delay], connects: false },
  ),
  type('BaseRegion', 'own', 'Holds mail; the others are made from it.', clearing),
]

export const builtinCatalog: Catalog = Object.fromEntries(types.map((one) => [one.name, one]))
