import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Chat {
  readonly messages: readonly { readonly content: string }[]
  readonly response_format?: { readonly json_schema: { readonly schema: QuestionSchema } }
}

interface QuestionSchema {
  readonly items: { readonly properties: { readonly source: { readonly enum: string[] } } }
}

/**
 * A stub of a model server: no model. Whoever may be asked is asked the request's own text, and an
 * answer is the first thing that is known. Its answers can be held back.
 */
export class StubModel {
  /** How often it was asked. */
  asked = 0
  private readonly server: Server
  private held: (() => void)[] | null = null

  private constructor() {
    this.server = createServer((request, response) => void this.serve(request, response))
  }

  static async start(): Promise<StubModel> {
    const stub = new StubModel()
    stub.server.listen(0, '127.0.0.1')
    await once(stub.server, 'listening')
    return stub
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** Answer nobody, until `letGo`. */
  hold(): void {
    this.held ??= []
  }

  letGo(): void {
    const held = this.held ?? []
    this.held = null
    for (const answer of held) answer()
  }

  end(): void {
    this.letGo()
    this.server.closeAllConnections()
    this.server.close()
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (!request.url?.endsWith('/chat/completions')) {
      answer(response, { data: [{ id: 'stub' }] }, request.method === 'GET' ? 200 : 404)
      return
    }
    this.asked += 1
    if (this.held) await new Promise<void>((go) => this.held?.push(go))
    const said = reply(JSON.parse(Buffer.concat(chunks).toString()) as Chat)
    answer(response, { choices: [{ index: 0, finish_reason: 'stop', message: { content: said } }] })
  }
}

function answer(response: ServerResponse, content: object, status = 200): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(content))
}

function reply({ messages, response_format }: Chat): string {
  const text = messages.at(-1)?.content ?? ''
  const question = /^Request.*?: (.*)$/m.exec(text)?.[1] ?? text
  if (response_format) {
    const { source } = response_format.json_schema.schema.items.properties
    return JSON.stringify(source.enum.map((name) => ({ source: name, question })))
  }
  return /^From .*:\n(.*)$/m.exec(text)?.[1] ?? `Nobody told me: ${question}`
}
