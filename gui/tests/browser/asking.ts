/** A plan in which one asks another and answers from what it is told; whoever routes, it runs. */
export const asking = {
  version: 1,
  regions: [
    { name: 'Asker', type: 'Region', task: 'Answer.', connections: { Teller: 'Tells.' } },
    { name: 'Teller', type: 'Region', task: 'Tells.', connections: {} },
  ],
  layer_config: [{ ask: ['Asker'] }, { tell: ['Teller'] }, { answer: ['Asker'] }],
  execution_config: [
    [['Asker', 'make_questions']],
    [['Teller', 'make_replies']],
    [['Asker', 'make_replies']],
  ],
  execution_order: [0, 1, 2],
  messages: [
    { source: 'terminal', destination: 'Asker', role: 'request', content: 'Where is the bell?' },
  ],
}
