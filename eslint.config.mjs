import tseslint from 'typescript-eslint'

/** An import goes down, never up: what each folder may not name. */
const layer = (files, up, extra = []) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(${up.join('|')})/`,
            message: 'An import goes down: api, workers > workflows > activities > db.',
          },
          ...(up.includes('config')
            ? []
            : [
                {
                  regex: '^(\\.\\./)+config\\.js$',
                  message: 'Only entry points read config.ts.',
                  allowTypeImports: true,
                },
              ]),
          ...extra,
        ],
      },
    ],
  },
})

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
          message: 'config.ts is the only reader of the environment.',
        },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  layer(
    ['workflows/**/*.ts'],
    ['api', 'workers'],
    [
      {
        regex: '^(\\.\\./)+(activities|db)/',
        allowTypeImports: true,
        message: 'Workflows reach down by `import type` alone.',
      },
      {
        regex: '^node:|^(koa|kysely|pg|pino|zod|uWebSockets\\.js)$',
        message: 'Workflows are sandboxed and only sequence.',
      },
    ],
  ),
  layer(['activities/**/*.ts', 'activities/**/*.cts'], ['api', 'workers', 'workflows']),
  layer(['db/**/*.ts'], ['api', 'workers', 'workflows', 'activities']),
  layer(['api/**/*.ts'], ['workers']),
  layer(['workers/**/*.ts'], ['api']),
  {
    files: ['cli.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['config.ts', 'test/**/*.ts', 'bench/**/*.ts'],
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
