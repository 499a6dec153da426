import { memo } from 'react';
import { Link } from 'wouter';
import { useSearch } from 'wouter/use-browser-location';
import { foreign, middle, pieces, visible } from '../logic/text.js';
import { hover, stamp } from '../logic/time.js';
import { entityPath } from '../logic/url.js';

/**
 * Text as it was on the wire: nothing in it can act, hide or reorder its surroundings. Cut in the middle beyond
 * `max` characters, whole in the title.
 */
export const Wire = memo(function Wire({ text, max = 64 }: { text: string; max?: number }) {
  const shown = middle(text, max);
  const cut = shown !== text;
  const odd = foreign(text);
  const notes = [cut ? visible(text) : '', odd ? 'Holds letters outside ASCII, which may look like others.' : ''];
  const title = notes.filter((n) => n !== '').join('\n');
  return (
    <bdi className={odd ? 'wire wire-odd' : 'wire'} dir="ltr" title={title === '' ? undefined : title}>
      {text === '' ? <span className="escape">empty</span> : null}
      {pieces(shown).map((p, i) =>
        p.escape ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name and never move.
          <span key={i} className="escape">
            {p.text}
          </span>
        ) : (
          p.text
        ),
      )}
    </bdi>
  );
});

/** An address, which leads to its own page from wherever it stands. */
export function Address({ host, max = 39, className = '' }: { host: string; max?: number; className?: string }) {
  const search = useSearch();
  const path = entityPath(host, search);
  if (path === null) return <Wire text={host} max={max} />;
  return (
    <Link href={path} className={`address ${className}`}>
      <Wire text={host} max={max} />
    </Link>
  );
}

/** A moment: shown as told, exact and local on hover. */
export function Moment({ ms, text }: { ms: number; text?: string }) {
  const iso = Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : undefined;
  return (
    <time dateTime={iso} title={hover(ms)}>
      {text ?? stamp(ms)}
    </time>
  );
}
