import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { emoji } from './emoji.ts';

const server = process.env.BELLMAN_URL ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [react(), emoji()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: { outDir: 'dist', target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  // `npm run dev` shows the source over a Bellman that runs beside it.
  server: { host: '127.0.0.1', proxy: { '/manage': server, '/start': server, '/docs': server, '/openapi': server } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/setup.test-env.ts'] },
});
