import { ApiProblem } from '@/api/http'

/** What went wrong, in words for people. */
export const words = (error: unknown): string =>
  error instanceof ApiProblem ? error.message : String(error)
