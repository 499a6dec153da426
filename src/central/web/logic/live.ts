/** What an event of /api/events makes stale, and how long to wait before asking for events again. */
export type LiveEvent = 'batch' | 'status' | 'model';
export const LIVE_EVENTS: readonly LiveEvent[] = ['batch', 'status', 'model'];

export type Topic = 'shortlist' | 'entity' | 'sensors' | 'model';

const STALE: Readonly<Record<LiveEvent, readonly Topic[]>> = {
  batch: ['shortlist', 'entity', 'sensors'],
  status: ['sensors'],
  model: ['model', 'shortlist', 'sensors'],
};

export function staleAfter(event: LiveEvent): readonly Topic[] {
  return STALE[event];
}

/** A busy site sends a batch a second; nobody reads faster than this. */
export const REFRESH_EVERY_MS = 2000;

/** 1 s, 2 s, 4 s … 30 s, and up to a quarter more so that many consoles do not come back at once. */
export function retryDelay(attempt: number, random: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.min(attempt, 10)) * (1 + random / 4);
}
