import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { EntityView, ModelView, SensorsView, ShortlistView } from '../../api/types.js';
import { encode } from '../logic/text.js';

/** What the server refused, or why it could not be asked. `status` is 0 when there was no answer. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }
}

/** Longer than the slowest query of a big day; after it a person wants to be told. */
const ANSWER_WITHIN_MS = 30_000;

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, { ...init, signal, headers: { accept: 'application/json', ...init.headers } });
    body = await response.json().catch((error: unknown) => {
      if (signal.aborted) throw error;
      return undefined;
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    if (limit.aborted)
      throw new ApiError('timeout', 0, `The central did not answer within ${ANSWER_WITHIN_MS / 1000} s.`);
    throw new ApiError(
      'unreachable',
      0,
      'The central cannot be reached. It may be restarting, or the network is down.',
    );
  }
  if (response.ok && typeof body === 'object' && body !== null) return body as T;
  const said = (body as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
  const code = typeof said?.code === 'string' ? said.code : `http_${response.status}`;
  const message =
    typeof said?.message === 'string'
      ? said.message
      : response.ok
        ? 'The central answered something that is not JSON.'
        : `The central answered with status ${response.status}.`;
  throw new ApiError(code, response.ok ? 502 : response.status, message);
}

/** More lines than anybody reads in a day; what is beyond them is said. */
export const LINES_MAX = 1000;

export function useShortlist(day: string | null) {
  const query = `?limit=${LINES_MAX}${day === null ? '' : `&day=${day}`}`;
  return useQuery({
    queryKey: ['shortlist', day],
    queryFn: ({ signal }) => ask<ShortlistView>(`/api/shortlist${query}`, { signal }),
    placeholderData: keepPreviousData,
  });
}

export function useEntity(host: string, day: string | null) {
  return useQuery({
    queryKey: ['entity', host, day],
    queryFn: ({ signal }) =>
      ask<EntityView>(`/api/entity/${encode(host)}${day === null ? '' : `?day=${day}`}`, { signal }),
    // The picture of one host never stands in for another's.
    placeholderData: (previous, query) => (query?.queryKey[1] === host ? previous : undefined),
  });
}

export function useSensors() {
  return useQuery({
    queryKey: ['sensors'],
    queryFn: ({ signal }) => ask<SensorsView>('/api/sensors', { signal }),
  });
}

export function useModel() {
  return useQuery({
    queryKey: ['model'],
    queryFn: ({ signal }) => ask<ModelView>('/api/model', { signal }),
    refetchInterval: (query) => (query.state.data?.training ? 2000 : 60_000),
  });
}

export function useTrain() {
  const client = useQueryClient();
  return useMutation({
    networkMode: 'always',
    mutationFn: () =>
      ask<{ started: boolean }>('/api/train', {
        method: 'POST',
        // A body of this type makes another site's page ask permission first (CORS preflight), which it will not get.
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }),
    onSettled: () => client.invalidateQueries({ queryKey: ['model'] }),
  });
}
