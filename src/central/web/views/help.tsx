import { useEffect, useRef } from 'react';
import { SEVERITIES, SEVERITY_WORDS } from '../logic/kinds.js';
import { Icon, Meter } from './icons.js';

const KEYS: readonly (readonly [string[], string])[] = [
  [['j', 'k'], 'next line, line before'],
  [['o'], 'open or fold the reasons of the line'],
  [['Enter'], 'go to the page of the line’s source'],
  [['/'], 'to the filter; Esc leaves it'],
  [['[', ']'], 'day before, day after'],
  [['1', '2', '3'], 'shortlist, sensors, model'],
  [['u'], 'from an address back to the shortlist'],
  [['t'], 'theme: system, light, dark'],
  [['?'], 'this page'],
];

const FILTERS: readonly (readonly [string, string])[] = [
  ['10.1. tunnel', 'lines that hold both'],
  ['10.0.0.0/8', 'addresses of a network'],
  ['src: dst: host:', 'source, destination, either'],
  ['domain: kind: port:', 'and proto:, sensor:'],
  ['-kind:scan', 'lines that are no scan'],
];

/** The keys and the words, in the browser's own dialogue, which holds the focus and closes on Esc. */
export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && dialog.current?.open === false) dialog.current.showModal();
  }, [open]);
  // The browser tells of the closing a moment after Esc; by then somebody quick may have opened it again.
  const onClosed = () => {
    if (dialog.current?.open === false) onClose();
  };
  return (
    <dialog ref={dialog} className="help" onCancel={onClose} onClose={onClosed} aria-labelledby="help-title">
      <form method="dialog">
        <h2 id="help-title">Keys and words</h2>
        <button type="submit" className="tool" title="Close (Esc)">
          <Icon name="close" />
          <span className="unseen">Close</span>
        </button>
      </form>
      <div className="help-columns">
        <section>
          <h3>Keys</h3>
          <dl>
            {KEYS.map(([keys, words]) => (
              <div key={words}>
                <dt>
                  {keys.map((k) => (
                    <kbd key={k}>{k}</kbd>
                  ))}
                </dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3>Filter</h3>
          <dl>
            {FILTERS.map(([text, words]) => (
              <div key={text}>
                <dt>
                  <code>{text}</code>
                </dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3>Score</h3>
          <p>
            A line’s score is the sum of its reasons’ points, and nothing else. The meter beside it counts in four
            steps.
          </p>
          <ul className="help-meters">
            {SEVERITIES.map((level) => (
              <li key={level}>
                <Meter level={level} /> {SEVERITY_WORDS[level]}
              </li>
            ))}
          </ul>
        </section>
        <section>
          <h3>Coverage</h3>
          <p>
            The share of the frames on the tap that the sensor kept up with: kept over kept and dropped. What was
            dropped cannot be on the list. <em>Unknown</em> means the sensor has no way to count its drops; it does not
            mean none.
          </p>
          <p>
            Times are UTC; hover over one for your own. Boxed escapes such as <span className="escape">\x07</span> stand
            for characters that cannot be seen.
          </p>
        </section>
      </div>
    </dialog>
  );
}
