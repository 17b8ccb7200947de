import tseslint from 'typescript-eslint'

/** An import goes down, never up: which folders, and which files beside them, a folder may not name. */
const layer = (files, up, extra = []) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(${['cli.js', ...up].join('|').replaceAll('.', '\\.')})(/|$)`,
            message:
              'An import goes down: commands > api, workers > workflows > activities > services > engine, db.',
          },
          ...(up.includes('config')
            ? []
            : [
                {
                  regex: '^(\\.\\./)+config/load-config\\.js$',
                  message: 'Only entry points read the settings.',
                  allowTypeImports: true,
                },
              ]),
          ...extra,
        ],
      },
    ],
  },
})

/** A subject stands on shared folders, not on another subject. `shared`: those beside it that it may name. */
const noOtherSubject = (shared) => ({
  regex: `^\\.\\./(?!(${shared.join('|')})/)[^./]+/`,
  message: `A subject imports no other subject: of the folders beside it, only ${shared.join(', ')}.`,
})
const rootFiles = ['workflow-ids.js', 'workflow-definitions.js']

export default tseslint.config(
  { ignores: ['dist*/**', 'node_modules/**', 'data/**', '.cache/**'] },
  {
    files: ['**/*.ts', '**/*.cts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        { selector: 'ExportAllDeclaration', message: 'Re-export by name.' },
        { selector: 'TSEnumDeclaration', message: 'A closed set is a string union.' },
      ],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'config/ is the only reader of the environment.',
        },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  layer(
    ['workflows/**/*.ts'],
    ['commands', 'api', 'workers'],
    [
      {
        regex: '^(\\.\\./)+(activities|services|engine|db)/',
        allowTypeImports: true,
        message: 'Workflows reach down by `import type` alone.',
      },
      {
        regex: '^node:|^(koa|kysely|pg|pino|zod|uWebSockets\\.js)$',
        message: 'Workflows are sandboxed and only sequence.',
      },
    ],
  ),
  layer(['activities/**/*.ts', 'activities/**/*.cts'], ['commands', 'api', 'workers', 'workflows']),
  layer(
    ['services/**/*.ts', 'services/**/*.cts'],
    ['commands', 'api', 'workers', 'workflows', 'activities'],
    [noOtherSubject(['adapters', 'extraction', 'runs'])],
  ),
  layer(
    ['engine/**/*.ts'],
    [
      'commands',
      'api',
      'workers',
      'workflows',
      'activities',
      'services',
      'db',
      'config',
      ...rootFiles,
    ],
  ),
  layer(
    ['db/**/*.ts'],
    ['commands', 'api', 'workers', 'workflows', 'activities', 'services', 'engine', ...rootFiles],
  ),
  layer(['api/**/*.ts'], ['commands', 'workers']),
  layer(['api/routes/**/*.ts'], ['commands', 'workers'], [noOtherSubject(['runs'])]),
  // Health and metrics show the jobs of e-mail classification, as the contract names them.
  layer(
    ['api/routes/operation/*.ts'],
    ['commands', 'workers'],
    [noOtherSubject(['runs', 'email-classification'])],
  ),
  layer(
    ['api/access/*.ts', 'api/http/*.ts', 'api/live/**/*.ts'],
    ['commands', 'workers'],
    [
      {
        regex: '^(\\.\\./)+routes/',
        message: 'What all routes share imports none of them.',
      },
    ],
  ),
  layer(['workers/**/*.ts'], ['commands', 'api']),
  layer(
    ['config/**/*.ts'],
    [
      'commands',
      'api',
      'workers',
      'workflows',
      'activities',
      'services',
      'engine',
      'db',
      'config',
      ...rootFiles,
    ],
  ),
  {
    files: ['cli.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['config/load-config.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
)
