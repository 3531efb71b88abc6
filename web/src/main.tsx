import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { setUp } from '@/api/client';
import { getSessionOptions } from '@/api/generated/@tanstack/react-query.gen';
import { App } from '@/app/App';
import { queries } from '@/app/queries';

setUp();
// Asked while the screen's code is on its way.
void queries.prefetchQuery(getSessionOptions());
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
