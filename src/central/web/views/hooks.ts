import { useCallback, useEffect, useRef, useState } from 'react';
import { navigate, useSearch } from 'wouter/use-browser-location';
import { withParams } from '../logic/url.js';

/** The present, renewed often enough for ages in words. */
export function useNow(everyMs = 10_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

type Change = Readonly<Record<string, string | null>>;

/**
 * The search part of the address, and a way to change it. Choices that a reader would go back from make a step in
 * the history; typing and moving do not.
 */
export function useUrl(): { search: string; set: (change: Change, step?: boolean) => void } {
  const search = useSearch();
  const set = useCallback((change: Change, step = false) => {
    const next = withParams(location.search, change);
    if (next !== location.search) navigate(location.pathname + next, { replace: !step });
  }, []);
  return { search, set };
}

/** True while keys typed belong to a field or a dialogue and mean no command. */
function busy(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  if (document.querySelector('dialog[open]') !== null) return true;
  return event.target instanceof Element && event.target.closest('input, select, textarea') !== null;
}

/**
 * Commands by key. A handler returns false to leave the key to the browser: Enter on a focused link, for instance.
 */
export function useKeys(handlers: Readonly<Record<string, (event: KeyboardEvent) => unknown>>): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (busy(event)) return;
      const handler = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined;
      if (handler !== undefined && handler(event) !== false) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/** A text field that follows the address without fighting the person who types into it. */
export function useField(name: string): [string, (text: string) => void] {
  const { search, set } = useUrl();
  const held = new URLSearchParams(search).get(name) ?? '';
  const write = useCallback((text: string) => set({ [name]: text }), [name, set]);
  return [held, write];
}

/** Names the tab after the screen. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Tapspot`;
  }, [title]);
}
