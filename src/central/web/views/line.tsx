import { memo, type Ref } from 'react';
import type { ShortlistLine } from '../../api/types.js';
import { count, plural, points } from '../logic/format.js';
import { kindWords, SEVERITY_WORDS, severity } from '../logic/kinds.js';
import { serviceName } from '../logic/services.js';
import { steps } from '../logic/shortlist.js';
import { visible } from '../logic/text.js';
import { duration, span } from '../logic/time.js';
import { Icon, Meter } from './icons.js';
import { Reasons, Stack } from './reasons.js';
import { Address, Moment, Wire } from './wire.js';

interface Props {
  ref?: Ref<HTMLLIElement>;
  line: ShortlistLine;
  name: string;
  index: number;
  total: number;
  /** Distance from the head of the list, in CSS pixels; undefined in a list that is whole in the document. */
  top?: number;
  open: boolean;
  held: boolean;
  fresh: boolean;
  most: number;
  day: string | null;
  onToggle: (key: string) => void;
  onSelect?: (key: string | null) => void;
  onNarrow?: (token: string) => void;
}

/** One thing that deserves a look: how much, what, who, when, seen by whom, and why. */
export const Line = memo(function Line(props: Props) {
  const { ref, line, name, index, total, top, open, held, fresh, most, day, onToggle, onSelect, onNarrow } = props;
  const level = severity(line.score);
  const strongest = steps(line.reasons)[0]?.reason;
  return (
    <li
      ref={ref}
      className="line"
      data-index={index}
      data-key={name}
      data-level={level}
      data-held={held || undefined}
      data-open={open || undefined}
      aria-current={held || undefined}
      aria-setsize={total}
      aria-posinset={index + 1}
      tabIndex={-1}
      style={top === undefined ? undefined : { position: 'absolute', transform: `translateY(${top}px)` }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: a larger target for the mouse; keys have the button at the end, and j, k and o. */}
      <div
        className="line-grid line-face"
        onClick={(event) => {
          const inner = (event.target as Element).closest('a, button, time');
          if (inner !== null || window.getSelection()?.isCollapsed === false) return;
          onSelect?.(name);
          onToggle(name);
        }}
      >
        <span className="line-rank">{count(line.rank)}</span>
        <div className="line-score">
          <Meter level={level} />
          <strong title={`${SEVERITY_WORDS[level]}: ${points(line.score)} points`}>{points(line.score)}</strong>
          <Stack reasons={line.reasons} most={most} />
        </div>
        <div className="line-what">
          <span className="line-kind" title={visible(line.kind)}>
            <Wire text={kindWords(line.kind)} max={40} />
            {fresh ? <span className="fresh">new</span> : null}
          </span>
          {open ? null : (
            <span className="line-why">
              {strongest === undefined ? 'No reason was given.' : <Wire text={strongest.text} max={160} />}
            </span>
          )}
        </div>
        <Who line={line} />
        <div className="line-when">
          <span>
            <Moment ms={line.firstSeen} text={span(line.firstSeen, line.lastSeen, day)} />
          </span>
          <span className="soft">
            {line.lastSeen > line.firstSeen ? duration(line.lastSeen - line.firstSeen) : 'once'}
          </span>
        </div>
        <div className="line-where" title={line.sensors.map(visible).join('\n')}>
          <span>
            <Wire text={line.sensors[0] ?? '–'} max={22} />
          </span>
          {line.sensors.length > 1 ? <span className="soft">and {line.sensors.length - 1} more</span> : null}
        </div>
        <button
          type="button"
          className="fold"
          aria-expanded={open}
          aria-label={`${plural(line.reasons.length, 'reason')} for line ${line.rank}`}
          onClick={() => onToggle(name)}
        >
          <Icon name="down" />
        </button>
      </div>
      {open ? <Reasons line={line} most={most} onNarrow={onNarrow} /> : null}
    </li>
  );
});

/** Source, destination and service; the domain, where that is what was talked about. */
function Who({ line }: { line: ShortlistLine }) {
  const service = serviceName(line.proto, line.dstPort);
  const where =
    line.dstPort === null ? (line.proto ?? '') : `${line.dstPort}${line.proto === null ? '' : `/${line.proto}`}`;
  return (
    <div className="line-who">
      <span className="line-pair">
        <Address host={line.src} />
        {line.dst === null ? null : (
          <>
            <span className="arrow" role="img" aria-label="to">
              →
            </span>
            <Address host={line.dst} />
          </>
        )}
      </span>
      <span className="line-service soft">
        {line.domain === null ? null : (
          <span className="domain">
            <Wire text={line.domain} max={44} />
          </span>
        )}
        {where === '' ? null : (
          <span>
            <Wire text={where} max={24} />
            {service === null ? '' : ` ${service}`}
          </span>
        )}
      </span>
    </div>
  );
}
