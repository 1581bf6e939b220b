import hooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/** The rooms of src, lowest first. A room imports from rooms of lower levels and from itself. */
const levels = [
  ['model'],
  ['ui', 'api', 'layout'],
  ['store'],
  ['canvas', 'plan', 'inspector', 'monitor'],
  ['app'],
]

const level = (room) => levels.findIndex((rooms) => rooms.includes(room))

const contract = levels.flat().map((room) => {
  const outside = levels.flat().filter((other) => other !== room && level(other) >= level(room))
  const patterns = [
    { group: ['../*'], message: 'Import from other rooms by "@/room/file".' },
    ...outside.map((other) => ({
      group: [`@/${other}`, `@/${other}/**`],
      message: `${room} stands beside or below ${other}, and may not import it.`,
    })),
  ]
  if (room !== 'canvas') {
    patterns.push({ group: ['@xyflow/*'], message: 'Only canvas/ knows the flow library.' })
  }
  if (room === 'model')
    patterns.push({ group: ['react', 'react-dom*'], message: 'Plain TypeScript.' })
  return {
    files: [`src/${room}/**/*.{ts,tsx}`],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  }
})

export default tseslint.config(
  { ignores: ['node_modules', 'eslint.config.js', 'coverage'] },
  tseslint.configs.strictTypeChecked,
  hooks.configs.flat.recommended,
  { languageOptions: { parserOptions: { projectService: true } } },
  {
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      complexity: ['error', 10],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_' },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  ...contract,
)
