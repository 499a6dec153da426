import type { Fate } from '../logic/books.js';
import { compact, count } from '../logic/format.js';
import { ledgerStages } from '../logic/ledger.js';
import { Icon } from './icons.js';
import { Wire } from './wire.js';

const FATES: Readonly<Record<Fate, [string, string]>> = {
  in: ['▸', 'came in'],
  kept: ['', 'went on'],
  odd: ['~', 'odd bytes, counted'],
  lost: ['✕', 'lost'],
};

/** The running totals of every stage in the order that data passes them. */
export function LedgerTable({ ledger }: { ledger: Readonly<Record<string, number>> }) {
  const stages = ledgerStages(ledger);
  if (stages.length === 0) return <p className="soft books-none">The sensor has not opened its books yet.</p>;
  return (
    <div>
      <ol className="books-path" aria-label="What each stage lost">
        {stages.map((s) => (
          <li key={s.stage} data-lost={s.lost > 0 || undefined}>
            <Wire text={s.title} max={24} /> {s.lost > 0 ? <b>✕ {compact(s.lost)} lost</b> : <Icon name="check" />}
            {s.lost > 0 ? null : <span className="unseen">nothing lost</span>}
          </li>
        ))}
      </ol>
      <div className="books">
        {stages.map((s) => (
          <table key={s.stage}>
            <caption>
              <b>
                <Wire text={s.title} max={40} />
              </b>
              <span className="soft">{s.about}</span>
            </caption>
            <thead className="unseen">
              <tr>
                <th scope="col">Outcome</th>
                <th scope="col">Count</th>
              </tr>
            </thead>
            <tbody>
              {s.rows.map((r) => (
                <tr key={r.key} data-fate={r.fate} data-none={r.count === 0 || undefined}>
                  <th scope="row">
                    <span className="fate" title={FATES[r.fate][1]} aria-hidden="true">
                      {FATES[r.fate][0]}
                    </span>
                    <span title={r.key}>
                      <Wire text={r.words} max={40} />
                    </span>
                    {r.fate === 'lost' ? <span className="unseen"> (lost)</span> : null}
                  </th>
                  <td>
                    <span className="books-bar" aria-hidden="true" style={{ width: `${100 * r.share}%` }} />
                    {count(r.count)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </div>
    </div>
  );
}
