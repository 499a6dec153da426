import { Component, type ReactNode } from 'react';
import { ApiError } from './api.js';
import { Icon } from './icons.js';
import { Wire } from './wire.js';

/** Grey lines where the answer will stand, so that nothing jumps when it comes. */
export function Loading({ what, rows = 8 }: { what: string; rows?: number }) {
  return (
    <div className="loading" role="status" aria-label={`Loading ${what}`}>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are all alike.
        <div key={i} className="loading-row" aria-hidden="true">
          <span />
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}

/** Nothing to show, and what that means; `page` when it is all there is on the screen. */
export function Empty({ title, children, page = false }: { title: string; children: ReactNode; page?: boolean }) {
  const Heading = page ? 'h1' : 'h2';
  return (
    <div className="empty">
      <svg className="empty-mark" viewBox="0 0 64 40" aria-hidden="true">
        <path d="M4 12h56M32 12v10" />
        <circle cx="32" cy="29" r="6.5" />
      </svg>
      <Heading>{title}</Heading>
      <div className="empty-words">{children}</div>
    </div>
  );
}

/** The question failed and there is no older answer to show. */
export function Failed({ what, error, retry }: { what: string; error: Error; retry: () => unknown }) {
  const code = error instanceof ApiError ? error.code : error.name;
  return (
    <div className="failed" role="alert">
      <h2>
        <Icon name="warn" /> Could not load {what}
      </h2>
      <p>
        <Wire text={error.message} max={400} />
      </p>
      <p className="failed-foot">
        <button type="button" className="button" onClick={() => retry()}>
          Try again
        </button>
        <code>
          <Wire text={code} />
        </code>
      </p>
    </div>
  );
}

/** The question failed, but an older answer stands below. */
export function Stale({ error, since, retry }: { error: Error; since: ReactNode; retry: () => unknown }) {
  return (
    <div className="stale" role="status">
      <Icon name="warn" />
      <span>
        Could not refresh: <Wire text={error.message} max={200} /> What follows is from {since}.
      </span>
      <button type="button" className="button" onClick={() => retry()}>
        Try again
      </button>
    </div>
  );
}

/** Our own mistakes end here instead of in a white page. */
export class Mishap extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="failed" role="alert">
        <h2>
          <Icon name="warn" /> The console stumbled
        </h2>
        <p>This is a fault of the console, not of your network. The address bar keeps what you were looking at.</p>
        <p>
          <code>
            <Wire text={String(this.state.error.message)} max={300} />
          </code>
        </p>
        <p>
          <button type="button" className="button" onClick={() => location.reload()}>
            Load again
          </button>
        </p>
      </div>
    );
  }
}
