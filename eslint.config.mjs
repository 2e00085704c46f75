import tseslint from 'typescript-eslint';
import { folderOrder } from './scripts/lint/folder-order.mjs';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'bench/limit/'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts'],
    plugins: { headwater: { rules: { 'folder-order': folderOrder } } },
    rules: {
      'headwater/folder-order': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'process.env is read in src/cli/environment.ts only.' },
      ],
    },
  },
  { files: ['src/cli/environment.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['src/operators/**/*.ts', 'src/expressions/**/*.ts', 'src/planner/**/*.ts', 'src/state/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'The wall clock is injected.',
        },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'Randomness is injected.',
        },
      ],
    },
  },
  { files: ['scripts/**', 'bench/**', 'bin/**'], rules: { '@typescript-eslint/no-unused-vars': 'error' } },
);
