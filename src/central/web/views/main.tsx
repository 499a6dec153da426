import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/bar.css';
import '../styles/shortlist.css';
import '../styles/lines.css';
import '../styles/reasons.css';
import '../styles/entity.css';
import '../styles/tables.css';
import '../styles/sensors.css';
import '../styles/model.css';
import '../styles/narrow.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api.js';
import { App } from './app.js';
import { Mishap } from './states.js';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // The address may be loopback or a LAN without an uplink; navigator.onLine says nothing about it.
      networkMode: 'always',
      staleTime: 5000,
      // Events refresh the screens; this is for the time when they do not come through.
      refetchInterval: 60_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
      retryDelay: (attempt) => 500 * 2 ** attempt,
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Mishap>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </Mishap>
  </StrictMode>,
);
