import { defineConfig } from '@hey-api/openapi-ts';

// The client of the management API is made of the document in the repository, at each build.
export default defineConfig({
  input: '../internal/api/manage/openapi.yaml',
  output: 'src/api/generated',
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk', '@tanstack/react-query'],
  logs: { file: false, level: 'warn' },
});
