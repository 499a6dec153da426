import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { LIVE_EVENTS, REFRESH_EVERY_MS, retryDelay, staleAfter, type Topic } from '../logic/live.js';

export type Liveness = 'connecting' | 'live' | 'lost';

/**
 * Listens to /api/events and marks what they touch as stale, at most once in REFRESH_EVERY_MS. A server that
 * refuses the stream (EventSource then gives up) is asked again with growing pauses; whatever happened while nobody
 * listened is fetched on the way back.
 */
export function useLive(): Liveness {
  const client = useQueryClient();
  const [state, setState] = useState<Liveness>('connecting');
  useEffect(() => {
    const stale = new Set<Topic>();
    let source: EventSource | null = null;
    let refresh: ReturnType<typeof setTimeout> | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let attempt = 0;
    let missed = false;
    const flush = () => {
      refresh = undefined;
      for (const topic of stale) void client.invalidateQueries({ queryKey: [topic] });
      stale.clear();
    };
    const touch = (topics: readonly Topic[]) => {
      for (const topic of topics) stale.add(topic);
      refresh ??= setTimeout(flush, REFRESH_EVERY_MS);
    };
    const open = () => {
      source = new EventSource('/api/events');
      source.onopen = () => {
        attempt = 0;
        setState('live');
        if (missed) touch(['shortlist', 'entity', 'sensors', 'model']);
        missed = false;
      };
      source.onerror = () => {
        missed = true;
        setState('lost');
        if (source?.readyState !== EventSource.CLOSED) return;
        source.close();
        retry = setTimeout(open, retryDelay(attempt++, Math.random()));
      };
      for (const event of LIVE_EVENTS) source.addEventListener(event, () => touch(staleAfter(event)));
    };
    open();
    return () => {
      source?.close();
      clearTimeout(refresh);
      clearTimeout(retry);
    };
  }, [client]);
  return state;
}

const WORDS: Readonly<Record<Liveness, [string, string]>> = {
  connecting: ['Connecting', 'Asking the central for live updates'],
  live: ['Live', 'New batches show up by themselves'],
  lost: ['Not live', 'The stream of updates broke off; trying again. Screens still refresh once a minute.'],
};

export function LiveBadge({ state }: { state: Liveness }) {
  const [word, title] = WORDS[state];
  return (
    <span className="live" data-state={state} title={title} role="status">
      <span className="live-dot" aria-hidden="true" />
      {word}
    </span>
  );
}
