import { expect, test } from 'vitest';
import { agentOf } from './agent';

test('browsers have names', () => {
  expect(agentOf('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36')).toBe('Chrome, Linux');
  expect(agentOf('Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/20.0 Mobile/15E148 Safari/604.1')).toBe('Safari, iPhone');
  expect(agentOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/148.0 Safari/537.36 Edg/148.0')).toBe('Edge, Windows');
  expect(agentOf('curl/8.5.0')).toBe('curl/8.5.0');
});
