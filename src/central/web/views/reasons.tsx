import type { ReasonView, ShortlistLine } from '../../api/types.js';
import { points } from '../logic/format.js';
import { type Step, steps } from '../logic/shortlist.js';
import { visible } from '../logic/text.js';
import { Icon } from './icons.js';
import { Address, Wire } from './wire.js';

/** From one point of the scale to another, as a place on a bar. */
function place(step: Step, most: number) {
  const left = Math.max(0, Math.min(step.from, step.to)) / most;
  const right = Math.max(0, Math.max(step.from, step.to)) / most;
  return { left: `${100 * left}%`, width: `${100 * Math.max(0, right - left)}%` };
}

/** The score as one bar of its reasons' points. The list of reasons says the same in words. */
export function Stack({ reasons, most }: { reasons: readonly ReasonView[]; most: number }) {
  return (
    <span className="stack" aria-hidden="true">
      {steps(reasons).map((step, i) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat; the order is the identity.
          key={i}
          className="stack-part"
          data-turn={i % 4}
          data-less={step.to < step.from || undefined}
          style={place(step, most)}
          title={`${points(step.reason.points)}: ${visible(step.reason.name)}`}
        />
      ))}
    </span>
  );
}

/**
 * Why a line is there: each reason with its points, its bar beginning where the one above it ended, so that the last
 * one ends at the score.
 */
export function Reasons({
  line,
  most,
  onNarrow,
}: {
  line: ShortlistLine;
  most: number;
  onNarrow?: (t: string) => void;
}) {
  const all = steps(line.reasons);
  const sum = all.at(-1)?.to ?? 0;
  return (
    <div className="reasons">
      <ol>
        {all.map((step, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat; the order is the identity.
          <li key={i} className="reason">
            <span className="reason-points">
              {step.reason.points < 0 ? points(step.reason.points) : `+${points(step.reason.points)}`}
            </span>
            <span className="stack" aria-hidden="true">
              <span
                className="stack-part"
                data-turn={i % 4}
                data-less={step.to < step.from || undefined}
                style={place(step, most)}
              />
            </span>
            <span className="reason-text">
              <Wire text={step.reason.text} max={600} />{' '}
              <code className="reason-name">
                <Wire text={step.reason.name} max={48} />
              </code>
            </span>
          </li>
        ))}
        <li className="reason reason-sum">
          <span className="reason-points">{points(sum)}</span>
          <Stack reasons={line.reasons} most={most} />
          <span className="soft">{sumWords(sum, line.score)}</span>
        </li>
      </ol>
      <div className="reason-acts">
        <span className="soft">Open</span> <Address host={line.src} className="act" />
        {line.dst === null ? null : <Address host={line.dst} className="act" />}
        {onNarrow === undefined ? null : (
          <>
            <span className="soft">Narrow to</span>
            <Narrow token={`kind:${line.kind}`} onNarrow={onNarrow} />
            <Narrow token={`host:${line.src}`} onNarrow={onNarrow} />
            {line.domain === null ? null : <Narrow token={`domain:${line.domain}`} onNarrow={onNarrow} />}
          </>
        )}
      </div>
    </div>
  );
}

/** The contract says that points sum to the score; should they not, a reader is told rather than fooled. */
function sumWords(sum: number, score: number): string {
  if (Math.abs(sum - score) < 0.05) return 'the score';
  return `together; but the score says ${points(score)}, so a reason is missing from this list`;
}

function Narrow({ token, onNarrow }: { token: string; onNarrow: (token: string) => void }) {
  // A token with a space in it would be two.
  if (/\s/.test(token)) return null;
  return (
    <button type="button" className="act" onClick={() => onNarrow(token)}>
      <Icon name="filter" />
      <Wire text={token} max={36} />
    </button>
  );
}
